// Files that the build puts into the program.
#ifndef PORTRAIT_SERVER_HTTP_EMBEDDED_FILES_H_
#define PORTRAIT_SERVER_HTTP_EMBEDDED_FILES_H_

#include "absl/strings/string_view.h"

namespace portrait::http {

// The contract: a serialized FileDescriptorSet with routes and comments.
absl::string_view EmbeddedContract();

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_EMBEDDED_FILES_H_
