// Reads the cells of a list as the server reads contacts, before anything is
// asked.
#ifndef PORTRAIT_CLIENT_CLI_CELL_READER_H_
#define PORTRAIT_CLIENT_CLI_CELL_READER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace portrait::cli {

struct CellReading {
  // What the server is asked: E.164 or a JID; empty if the cell is refused.
  std::string asked;
  // Why the cell is refused, in words, and the kind: "too_short".
  std::string refusal;
  absl::string_view refusal_kind;
  std::vector<std::string> removed;  // in words: "quotation marks"
};

// `country` ("DE"; empty: none) completes national numbers. Thread-safe.
CellReading ReadCell(absl::string_view cell, absl::string_view country);

// The numbers of a cell that holds several, in their order. Only the cell
// itself if it is one number, or if it is not certain where one number ends.
//
// "A ::: B" and lines are separate whatever stands in them; at ';', ',', '|'
// and '/' a cell is divided only if each part is a number of its own.
std::vector<std::string> SplitCell(absl::string_view cell,
                                   absl::string_view country);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CELL_READER_H_
