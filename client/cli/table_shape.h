// What a list of contacts is written as, judged by its beginning.
#ifndef PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_
#define PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/column_finder.h"
#include "client/cli/json.h"

namespace portrait::cli {

enum class InputFormat { kCsv, kJsonLines, kPlain };

struct TableShape {
  InputFormat format = InputFormat::kPlain;
  char delimiter = ',';
  bool has_header = false;  // CSV: the first record names the columns
  // Columns that have no name are called "contact" (plain) or "column_1", ….
  SampleTable sample;
};

// `beginning` holds whole lines, or all there is. The first line decides: "{"
// means JSON Lines; a phone number or JID alone, plain; else it is CSV.
//
// Errors: INVALID_ARGUMENT naming the line, when not even the first record can
// be read.
absl::StatusOr<TableShape> GuessShape(absl::string_view beginning);

// What the columns `columns` of an object hold, as text.
std::vector<std::string> CellsOf(const std::vector<JsonMember>& members,
                                 const std::vector<std::string>& columns);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_
