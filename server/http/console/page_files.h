// The files of the console's page, which the build puts into the program.
#ifndef PORTRAIT_SERVER_HTTP_CONSOLE_PAGE_FILES_H_
#define PORTRAIT_SERVER_HTTP_CONSOLE_PAGE_FILES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/http/http_message.h"

namespace portrait::http {

struct PageFile {
  absl::string_view name;    // "app.js"
  absl::string_view sha256;  // of the content, in hexadecimal digits
  absl::string_view content;
};

// All of them.
absl::Span<const PageFile> PageFiles();

// The Content-Security-Policy of the page. `picture_origin` is where pictures
// are loaded from, "https://HOST".
std::string PagePolicy(absl::string_view picture_origin);

// Answers GET and HEAD for a path that begins with "/console": a file, by its
// exact name, or an error.
Response PageResponse(const Request& request, const std::string& policy);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_CONSOLE_PAGE_FILES_H_
