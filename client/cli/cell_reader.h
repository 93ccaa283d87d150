// Reads the cells of a list by the server's rules for contacts, before any
// request is sent.
#ifndef PORTRAIT_CLIENT_CLI_CELL_READER_H_
#define PORTRAIT_CLIENT_CLI_CELL_READER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace portrait::cli {

struct CellReading {
  // The contact to send to the server: E.164 or a JID; empty if the cell is
  // refused.
  std::string asked;
  // The reason why the cell is refused, as text and as a kind ("too_short").
  std::string refusal;
  absl::string_view refusal_kind;
  std::vector<std::string> removed;  // removed text, such as "quotation marks"
};

// `country` ("DE"; empty: none) completes national numbers. Thread-safe.
CellReading ReadCell(absl::string_view cell, absl::string_view country);

// Splits a cell that has several numbers. Returns only the cell itself if it is
// one number, or if it is not certain where a number ends.
//
// " ::: " and line breaks always separate; ';', ',', '|' and '/' separate only
// if each part is a number.
std::vector<std::string> SplitCell(absl::string_view cell,
                                   absl::string_view country);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CELL_READER_H_
