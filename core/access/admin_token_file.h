// The file in which the operator of a new server finds the first admin token.
#ifndef PORTRAIT_CORE_ACCESS_ADMIN_TOKEN_FILE_H_
#define PORTRAIT_CORE_ACCESS_ADMIN_TOKEN_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait {

// Writes `secret` and a newline to `path` with mode 0600, replacing the file as
// a whole or not at all; durable on return.
//
// Errors: UNAVAILABLE naming the file.
absl::Status WriteAdminTokenFile(const std::string& path,
                                 absl::string_view secret);

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ADMIN_TOKEN_FILE_H_
