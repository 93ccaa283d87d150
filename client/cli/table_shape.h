// What a list of contacts is written as, judged by its beginning.
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
  std::vector<bool> quoted_names;   // CSV: of the first record's fields
  // Columns that have no name are called "contact" (plain) or "column_1", ….
  SampleTable sample;
};

// Rows that the shape and the columns are judged by.
inline constexpr size_t kSampleRows = 1000;

// `beginning` holds whole lines, or all there is. The first line decides: "{"
// means JSON Lines; a phone number or JID alone, plain; else it is CSV. The
// first record of CSV names the columns, unless `has_header` says otherwise or
// it is a row like the others.
//
// Errors: INVALID_ARGUMENT naming the line, when not even the first record can
// be read.
absl::StatusOr<TableShape> GuessShape(absl::string_view beginning,
                                      std::optional<bool> has_header = {});

// What the columns `columns` of an object hold, as text.
std::vector<std::string> CellsOf(const std::vector<JsonMember>& members,
                                 const std::vector<std::string>& columns);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TABLE_SHAPE_H_
