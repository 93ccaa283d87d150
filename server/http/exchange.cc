#include "server/http/exchange.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait::http {

boost::asio::awaitable<absl::StatusOr<std::string>> ReadWholeBody(
    Exchange& exchange, size_t max_bytes) {
  std::string body;
  while (true) {
    absl::StatusOr<std::optional<std::string>> piece =
        co_await exchange.ReadBody();
    if (!piece.ok()) co_return piece.status();
    if (!piece->has_value()) co_return body;
    if (body.size() + (*piece)->size() > max_bytes) {
      co_return absl::OutOfRangeError(absl::StrCat(
          "the request's body is larger than ", max_bytes, " bytes"));
    }
    body += **piece;
  }
}

}  // namespace portrait::http
