// Which of our columns an output has, and their names in it.
#ifndef PORTRAIT_CLIENT_CLI_COLUMN_CHOICE_H_
#define PORTRAIT_CLIENT_CLI_COLUMN_CHOICE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

struct ChosenColumn {
  size_t index = 0;       // in ResultColumns()
  std::string name = "";  // the user's name for it; empty: our own name

  // The column's name in an output that also has the caller's columns:
  // "portrait_url".
  std::string PrefixedName() const;
  // Its name in an object of its own: "url".
  std::string PlainName() const;
};

// Every column that a lookup with these options can fill, those of files only
// if images are saved.
std::vector<ChosenColumn> DefaultColumns(const v1::LookupOptions& options,
                                         bool saves_images = false);

// Parses "state,url=Photo": columns in this order, with their new names.
//
// Errors: INVALID_ARGUMENT naming --columns: an unknown column, or two with one
// name.
absl::StatusOr<std::vector<ChosenColumn>> ParseColumns(absl::string_view text);

// Whether one of the columns is about the files of images.
bool HasImageColumn(const std::vector<ChosenColumn>& chosen);

bool HasColumn(const std::vector<ChosenColumn>& chosen, absl::string_view name);

// Checks that the caller's columns do not have the names that the user chose.
//
// Errors: INVALID_ARGUMENT naming the column.
absl::Status CheckNames(const std::vector<ChosenColumn>& chosen,
                        const std::vector<std::string>& columns);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMN_CHOICE_H_
