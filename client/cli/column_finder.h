// Finds the phone columns of an exported list, by the columns' names and cells.
#ifndef PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_
#define PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// The first rows of a table.
struct SampleTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

struct PhoneColumns {
  // The contact of a row is in the first filled cell of these, in this order.
  std::vector<size_t> columns;
  std::string why;  // text such as "by its name"
};

// Never chooses columns that Portrait has written, fax numbers and other
// people's numbers; chooses a column of numbers without '+' only if its name
// means a phone.
//
// Errors: INVALID_ARGUMENT with the names of all columns.
absl::StatusOr<PhoneColumns> FindPhoneColumns(const SampleTable& sample);

// Finds the column that the user named. A column with exactly this name takes
// precedence over a column whose name differs only in upper and lower case.
//
// Errors: INVALID_ARGUMENT with the names of all columns; if Portrait has
// written the column.
absl::StatusOr<size_t> FindNamedColumn(const std::vector<std::string>& columns,
                                       absl::string_view name);

// The column with countries or dial codes; nullopt if there is none. If
// `may_guess`, a name such as "CC" is enough.
std::optional<size_t> FindCountryColumn(const SampleTable& sample,
                                        bool may_guess);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_
