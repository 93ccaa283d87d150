// Console serves the page at /console/ and the calls that it makes. A call
// below /console/api/ has a cookie in place of a token; everything else about
// it is as for other callers, since it passes the same gate.
#ifndef PORTRAIT_SERVER_HTTP_CONSOLE_CONSOLE_H_
#define PORTRAIT_SERVER_HTTP_CONSOLE_CONSOLE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "portrait/v1/access.pb.h"
#include "server/guard_finding.h"
#include "server/http/console/sign_ins.h"
#include "server/http/exchange.h"

namespace portrait::http {

// What the console knows of the server besides its HTTP routes. Both functions
// are thread-safe.
struct ConsoleBackend {
  // The token of "Bearer TOKEN", without its secret; UNAUTHENTICATED, or
  // PERMISSION_DENIED if it lacks the right. RIGHT_UNSPECIFIED: none is needed.
  std::function<absl::StatusOr<v1::Token>(absl::string_view authorization,
                                          v1::Right needed)>
      find_token;
  // The tenants that the enumeration guard has paused.
  std::function<std::vector<GuardFinding>()> guard_findings;
  // Where pictures are loaded from: "https://HOST".
  std::string picture_origin;
};

// Whether the console answers requests for this path.
bool IsConsolePath(absl::string_view path);

// Thread-safe.
class Console {
 public:
  // `api` answers requests of the routes, such as /v1/sessions.
  Console(ConsoleBackend backend, Handler api);

  // Answers a request whose path IsConsolePath.
  boost::asio::awaitable<void> Answer(Exchange& exchange);

 private:
  boost::asio::awaitable<void> SignIn(Exchange& exchange);
  boost::asio::awaitable<void> AnswerApi(Exchange& exchange);
  // The responses to small requests that need no other part of the server.
  Response SessionResponse(const Request& request);
  Response SignOutResponse(const Request& request);
  Response LinkResponse(const Request& request);
  Response GuardResponse(const Request& request);
  Response SignedInResponse(const Request& request, const std::string& body);

  const ConsoleBackend backend_;
  const Handler api_;
  const std::string policy_;
  SignIns sign_ins_;
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_CONSOLE_CONSOLE_H_
