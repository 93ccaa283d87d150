// Detects the format of a list of contacts from its beginning.
#ifndef PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_
#define PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_

#include <optional>
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
  bool has_header = false;          // CSV: the first record names the columns
  bool has_delimiter_line = false;  // CSV: begins with "sep=;"
  std::vector<bool> quoted_names;   // CSV: for each field of the first record
  // Columns without names are called "contact" (plain) or "column_1", ….
  SampleTable sample;
};

// The number of rows by which the shape and the columns are judged.
inline constexpr size_t kSampleRows = 1000;

// `beginning` has complete lines, or the whole list. The first line decides:
// "{" means JSON Lines; a single phone number or JID means plain text; anything
// else is CSV. The first record of CSV has the columns' names, unless
// `has_header` says otherwise or it looks like the other rows.
//
// Errors: INVALID_ARGUMENT naming the line, if the first record cannot be read.
absl::StatusOr<TableShape> GuessShape(absl::string_view beginning,
                                      std::optional<bool> has_header = {});

// The values of an object's `columns`, as text.
std::vector<std::string> CellsOf(const std::vector<JsonMember>& members,
                                 const std::vector<std::string>& columns);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_
