#include "server/http/console/page_files.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/http/etag.h"
#include "server/http/http_errors.h"

namespace portrait::http {
namespace {

constexpr char kIndex[] = "index.html";
// WhatsApp serves pictures from several hosts of this domain.
constexpr char kWhatsAppDomain[] = ".whatsapp.net";

absl::string_view ContentTypeOf(absl::string_view name) {
  if (absl::EndsWith(name, ".html")) return "text/html; charset=utf-8";
  if (absl::EndsWith(name, ".css")) return "text/css; charset=utf-8";
  if (absl::EndsWith(name, ".js")) return "text/javascript; charset=utf-8";
  if (absl::EndsWith(name, ".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

// Another text would end the directive.
bool IsOrigin(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) ||
           absl::string_view(".:/-[]").find(c) != absl::string_view::npos;
  });
}

Response FileResponse(const Request& request, const PageFile& file,
                      const std::string& policy) {
  const absl::string_view tag = file.sha256.substr(0, 32);
  Response response;
  response.headers = {
      {"ETag", absl::StrCat("\"", tag, "\"")},
      // A browser asks each time whether its copy is still the newest.
      {"Cache-Control", "no-cache"},
      {"Content-Security-Policy", policy},
      {"X-Frame-Options", "DENY"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
  };
  if (HasTag(TagsOf(request), tag)) {
    response.status = 304;
    return response;
  }
  response.content_type = std::string(ContentTypeOf(file.name));
  response.body = std::string(file.content);
  return response;
}

}  // namespace

std::string PagePolicy(absl::string_view picture_origin) {
  std::string pictures;
  if (absl::StartsWith(picture_origin, "https://") &&
      absl::EndsWith(picture_origin, kWhatsAppDomain)) {
    pictures = absl::StrCat(" https://*", kWhatsAppDomain);
  } else if (IsOrigin(picture_origin)) {
    pictures = absl::StrCat(" ", picture_origin);
  }
  return absl::StrCat(
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; img-src 'self' blob:",
      pictures,
      "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'");
}

Response PageResponse(const Request& request, const std::string& policy) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response =
        ErrorResponse(absl::UnimplementedError("the path has GET, HEAD"), 405);
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  absl::string_view name = request.path;
  if (name == "/console") {
    Response response;
    response.status = 308;
    response.headers = {{"Location", "/console/"}};
    return response;
  }
  absl::ConsumePrefix(&name, "/console/");
  if (name.empty()) name = kIndex;
  for (const PageFile& file : PageFiles()) {
    if (file.name == name) return FileResponse(request, file, policy);
  }
  return ErrorResponse(
      absl::NotFoundError("the console is at /console/; it has no such file"));
}

}  // namespace portrait::http
