// Finds the columns of a list that somebody exported from somewhere: by their
// names and by what stands in them.
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
  // In the order in which a row is searched for its first cell that is filled.
  std::vector<size_t> columns;
  std::string why;  // "by its name"
};

// Columns that Portrait has written, faxes and other people's numbers are never
// chosen; a column of numbers without '+' only if its name says "phone".
//
// Errors: INVALID_ARGUMENT naming the columns there are.
absl::StatusOr<PhoneColumns> FindPhoneColumns(const SampleTable& sample);

// The column that the user named: exactly so, else whatever the case.
//
// Errors: INVALID_ARGUMENT naming the columns there are; if it is one that
// Portrait has written.
absl::StatusOr<size_t> FindNamedColumn(const std::vector<std::string>& columns,
                                       absl::string_view name);

// The column whose cells are countries or dial codes; nothing if there is none.
// `may_guess`: a name such as "CC" is enough.
std::optional<size_t> FindCountryColumn(const SampleTable& sample,
                                        bool may_guess);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_
