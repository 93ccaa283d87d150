#include "core/whatsapp/proxy_tunnel.h"

#include <cstdint>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/deadline.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// The most bytes of a proxy's answer.
constexpr size_t kMaxAnswerBytes = 16 * 1024;

// The state of one negotiation. OpenTunnel holds it and awaits its coroutines.
struct Asking {
  beast::tcp_stream& stream;
  const Proxy& proxy;
  const HostPort& target;
  const absl::Duration timeout;

  absl::Status Fail(absl::string_view what) const {
    return absl::UnavailableError(
        absl::StrCat("proxy ", proxy.ToString(), ": ", what));
  }
  absl::Status FailLogin(absl::string_view what) const {
    return absl::UnauthenticatedError(
        absl::StrCat("proxy ", proxy.ToString(), ": ", what));
  }
  absl::Status Fail(const error_code& ec) const {
    if (ec == beast::error::timeout) {
      return absl::DeadlineExceededError(absl::StrCat(
          "proxy ", proxy.ToString(), ": no tunnel to ", target.ToString(),
          " within ", absl::FormatDuration(timeout)));
    }
    if (ec == asio::error::eof || ec == http::error::end_of_stream ||
        ec == http::error::partial_message) {
      return Fail("it closed the connection after our request");
    }
    return Fail(ec.message());
  }
};

asio::awaitable<absl::Status> Write(Asking* asking, std::string bytes) {
  error_code ec;
  co_await asio::async_write(asking->stream, asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, ec));
  co_return ec ? asking->Fail(ec) : absl::OkStatus();
}

asio::awaitable<absl::StatusOr<std::string>> Read(Asking* asking,
                                                  size_t count) {
  std::string bytes(count, '\0');
  error_code ec;
  co_await asio::async_read(asking->stream, asio::buffer(bytes),
                            asio::redirect_error(asio::use_awaitable, ec));
  if (ec) co_return asking->Fail(ec);
  co_return bytes;
}

// ---- HTTP ------------------------------------------------------------------

std::string ConnectRequest(const Asking& asking) {
  const std::string target = asking.target.ToString();
  std::string request =
      absl::StrCat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n");
  if (!asking.proxy.user.empty()) {
    absl::StrAppend(&request, "Proxy-Authorization: Basic ",
                    absl::Base64Escape(absl::StrCat(asking.proxy.user, ":",
                                                    asking.proxy.password)),
                    "\r\n");
  }
  return absl::StrCat(request, "\r\n");
}

asio::awaitable<absl::Status> AskHttpProxy(Asking* asking) {
  std::string request = ConnectRequest(*asking);
  CO_RETURN_IF_ERROR(co_await Write(asking, std::move(request)));
  beast::flat_buffer buffer(kMaxAnswerBytes);
  http::response_parser<http::empty_body> parser;
  parser.header_limit(kMaxAnswerBytes);
  // A successful answer has no body, whatever its header says: the tunnel
  // follows.
  parser.skip(true);
  error_code ec;
  co_await http::async_read_header(
      asking->stream, buffer, parser,
      asio::redirect_error(asio::use_awaitable, ec));
  if (ec && ec.category() == http::make_error_code(http::error{}).category() &&
      ec != http::error::end_of_stream && ec != http::error::partial_message) {
    co_return asking->Fail(
        absl::StrCat("its answer is not HTTP (", ec.message(), ")"));
  }
  if (ec) co_return asking->Fail(ec);
  const int status = parser.get().result_int();
  if (status == 407) {
    co_return asking->FailLogin(
        asking->proxy.user.empty()
            ? "it requires a user name and a password (HTTP 407)"
            : "it refuses our user name or password (HTTP 407)");
  }
  if (status < 200 || status > 299) {
    co_return asking->Fail(absl::StrCat("it refused a tunnel to ",
                                        asking->target.ToString(), ": HTTP ",
                                        status));
  }
  // The target does not send before us, so further bytes are an error.
  if (buffer.size() > 0)
    co_return asking->Fail("it sent data after its answer");
  co_return absl::OkStatus();
}

// ---- SOCKS5 ----------------------------------------------------------------

constexpr char kVersion = 5;
constexpr char kLoginVersion = 1;
constexpr char kConnectCommand = 1;
enum Method : uint8_t { kNoLogin = 0, kPassword = 2, kNoneAcceptable = 0xFF };
enum AddressType : uint8_t { kIpv4 = 1, kName = 3, kIpv6 = 4 };

// Returns one byte of length followed by the text.
std::string Counted(absl::string_view text) {
  return absl::StrCat(std::string(1, static_cast<char>(text.size())), text);
}

std::string SocksHello(bool login) {
  if (login) return {kVersion, 2, kNoLogin, kPassword};
  return {kVersion, 1, kNoLogin};
}

std::string SocksRequest(const HostPort& target) {
  std::string request = {kVersion, kConnectCommand, 0};
  error_code ec;
  const asio::ip::address ip = asio::ip::make_address(target.host, ec);
  if (ec) {
    absl::StrAppend(&request, std::string(1, kName), Counted(target.host));
  } else if (ip.is_v4()) {
    const auto bytes = ip.to_v4().to_bytes();
    request += kIpv4;
    request.append(bytes.begin(), bytes.end());
  } else {
    const auto bytes = ip.to_v6().to_bytes();
    request += kIpv6;
    request.append(bytes.begin(), bytes.end());
  }
  request += static_cast<char>(target.port >> 8);
  request += static_cast<char>(target.port);
  return request;
}

absl::string_view ReplyText(uint8_t reply) {
  constexpr absl::string_view kTexts[] = {"",
                                          "general failure",
                                          "not allowed by its rules",
                                          "network unreachable",
                                          "host unreachable",
                                          "connection refused",
                                          "TTL expired",
                                          "command not supported",
                                          "address type not supported"};
  return reply < std::size(kTexts) ? kTexts[reply] : "unknown reason";
}

asio::awaitable<absl::Status> LogInToSocksProxy(Asking* asking) {
  std::string login =
      absl::StrCat(std::string(1, kLoginVersion), Counted(asking->proxy.user),
                   Counted(asking->proxy.password));
  CO_RETURN_IF_ERROR(co_await Write(asking, std::move(login)));
  CO_ASSIGN_OR_RETURN(const std::string answer, co_await Read(asking, 2));
  if (answer[0] != kLoginVersion) {
    co_return asking->Fail("its answer is not SOCKS5");
  }
  if (answer[1] != 0) {
    co_return asking->FailLogin("it refuses our user name or password");
  }
  co_return absl::OkStatus();
}

// Skips the address from which the proxy connects, because it is not used.
asio::awaitable<absl::Status> SkipAddress(Asking* asking, uint8_t type) {
  size_t bytes = sizeof(uint16_t);  // the port
  if (type == kIpv4) {
    bytes += 4;
  } else if (type == kIpv6) {
    bytes += 16;
  } else if (type == kName) {
    CO_ASSIGN_OR_RETURN(const std::string count, co_await Read(asking, 1));
    bytes += static_cast<uint8_t>(count[0]);
  } else {
    co_return asking->Fail("its answer is not SOCKS5");
  }
  const absl::StatusOr<std::string> address = co_await Read(asking, bytes);
  co_return address.status();
}

asio::awaitable<absl::Status> AskSocksProxy(Asking* asking) {
  // 1. Offer methods of authentication.
  const bool login = !asking->proxy.user.empty();
  std::string hello = SocksHello(login);
  CO_RETURN_IF_ERROR(co_await Write(asking, std::move(hello)));
  CO_ASSIGN_OR_RETURN(const std::string chosen, co_await Read(asking, 2));
  const auto method = static_cast<uint8_t>(chosen[1]);
  if (chosen[0] != kVersion) co_return asking->Fail("its answer is not SOCKS5");
  if (method == kNoneAcceptable) {
    co_return asking->FailLogin(
        login ? "it accepts neither a password nor a connection without one"
              : "it requires a user name and a password");
  }
  if (method == kPassword && login) {
    CO_RETURN_IF_ERROR(co_await LogInToSocksProxy(asking));
  } else if (method != kNoLogin) {
    co_return asking->Fail(
        "it chose an authentication method that was not offered");
  }
  // 2. Send the target's address.
  std::string request = SocksRequest(asking->target);
  CO_RETURN_IF_ERROR(co_await Write(asking, std::move(request)));
  // 3. Read whether the proxy has connected.
  CO_ASSIGN_OR_RETURN(const std::string reply, co_await Read(asking, 4));
  if (reply[0] != kVersion) co_return asking->Fail("its answer is not SOCKS5");
  const auto code = static_cast<uint8_t>(reply[1]);
  if (code != 0) {
    co_return asking->Fail(absl::StrCat("it opened no tunnel to ",
                                        asking->target.ToString(), ": ",
                                        ReplyText(code), " (", code, ")"));
  }
  co_return co_await SkipAddress(asking, static_cast<uint8_t>(reply[3]));
}

}  // namespace

asio::awaitable<absl::Status> OpenTunnel(beast::tcp_stream* stream, Proxy proxy,
                                         HostPort target,
                                         absl::Duration timeout) {
  Asking asking{*stream, proxy, target, timeout};
  stream->expires_after(ToTimerDuration(timeout));
  if (proxy.kind == Proxy::Kind::kHttpConnect) {
    co_return co_await AskHttpProxy(&asking);
  }
  co_return co_await AskSocksProxy(&asking);
}

}  // namespace portrait::whatsapp
