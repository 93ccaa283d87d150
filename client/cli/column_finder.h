// Finds, in a table somebody exported from somewhere, the column that holds the
// contacts: by its name where that says so, else by what stands in it.
#ifndef PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_
#define PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// The first rows of a table, as far as they were at hand.
struct SampleTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

// A phone number in any spelling (7 to 15 digits with what people put between
// them), or a JID. Dates are neither.
bool LooksLikeContact(absl::string_view text);

// Errors: INVALID_ARGUMENT naming the columns there are.
absl::StatusOr<size_t> FindPhoneColumn(const SampleTable& sample);

// The column that the user named: exactly so, else whatever the case.
//
// Errors: INVALID_ARGUMENT naming the columns there are.
absl::StatusOr<size_t> FindNamedColumn(const std::vector<std::string>& columns,
                                       absl::string_view name);

// A column of two-letter country codes; nothing when there is none.
std::optional<size_t> FindCountryColumn(const SampleTable& sample);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMN_FINDER_H_
