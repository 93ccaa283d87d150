#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/transport.h"
#include "tests/support/coroutine.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tls_certificate.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::use_awaitable;
using asio::ip::tcp;
using ::testing::HasSubstr;

using Request = http::request<http::string_body>;

// Sends every message back: as text if it begins with "text:", and then again
// as binary.
template <typename Stream>
asio::awaitable<Request> Echo(websocket::stream<Stream>* stream) {
  beast::flat_buffer buffer;
  Request request;
  co_await http::async_read(stream->next_layer(), buffer, request,
                            use_awaitable);
  co_await stream->async_accept(request, use_awaitable);
  boost::system::error_code error;
  while (!error) {
    std::string message;
    auto into = asio::dynamic_buffer(message);
    co_await stream->async_read(into,
                                asio::redirect_error(use_awaitable, error));
    if (error) break;
    if (message.rfind("text:", 0) == 0) {
      stream->text(true);
      co_await stream->async_write(asio::buffer(message), use_awaitable);
    }
    stream->binary(true);
    co_await stream->async_write(asio::buffer(message), use_awaitable);
  }
  co_return request;
}

asio::awaitable<Request> ServePlain(tcp::acceptor* acceptor) {
  websocket::stream<tcp::socket> stream(
      co_await acceptor->async_accept(use_awaitable));
  Request request = co_await Echo(&stream);
  co_return request;
}

asio::awaitable<Request> ServeTls(tcp::acceptor* acceptor,
                                  asio::ssl::context* context) {
  tcp::socket socket = co_await acceptor->async_accept(use_awaitable);
  websocket::stream<beast::ssl_stream<tcp::socket>> stream(std::move(socket),
                                                           *context);
  co_await stream.next_layer().async_handshake(asio::ssl::stream_base::server,
                                               use_awaitable);
  Request request = co_await Echo(&stream);
  co_return request;
}

// Accepts the upgrade and closes the connection, with or without ending TLS.
asio::awaitable<bool> ServeTlsAndLeave(tcp::acceptor* acceptor,
                                       asio::ssl::context* context,
                                       bool properly) {
  tcp::socket socket = co_await acceptor->async_accept(use_awaitable);
  websocket::stream<beast::ssl_stream<tcp::socket>> stream(std::move(socket),
                                                           *context);
  co_await stream.next_layer().async_handshake(asio::ssl::stream_base::server,
                                               use_awaitable);
  co_await stream.async_accept(use_awaitable);
  if (properly) {
    boost::system::error_code truncated;
    co_await stream.next_layer().async_shutdown(
        asio::redirect_error(use_awaitable, truncated));
  }
  co_return true;
}

// Answers the upgrade with a plain HTTP status.
asio::awaitable<bool> ServeRefusal(tcp::acceptor* acceptor, int status) {
  tcp::socket socket = co_await acceptor->async_accept(use_awaitable);
  beast::flat_buffer buffer;
  Request request;
  co_await http::async_read(socket, buffer, request, use_awaitable);
  http::response<http::string_body> response;
  response.version(11);
  response.result(status);
  response.prepare_payload();
  co_await http::async_write(socket, response, use_awaitable);
  co_return true;
}

// Accepts a connection and sends nothing on it.
asio::awaitable<bool> ServeSilence(tcp::acceptor* acceptor) {
  tcp::socket socket = co_await acceptor->async_accept(use_awaitable);
  boost::system::error_code error;
  while (!error) {
    std::string bytes(1024, '\0');
    co_await socket.async_read_some(asio::buffer(bytes),
                                    asio::redirect_error(use_awaitable, error));
  }
  co_return true;
}

class WebSocketTransportTest : public ::testing::Test {
 protected:
  using Connected = absl::StatusOr<std::unique_ptr<Transport>>;

  WebSocketOptions Options(const std::string& scheme,
                           const std::string& host = "127.0.0.1") {
    WebSocketOptions options;
    options.url = absl::StrCat(scheme, "://", host, ":",
                               acceptor_.local_endpoint().port(), "/ws/chat");
    return options;
  }

  Connected Connect(WebSocketOptions options) {
    return RunCoroutine(io_, ConnectWebSocket(io_.get_executor(), options));
  }

  // Makes a server certificate for `names` and uses it; returns the CA file
  // that trusts it.
  std::string UseCertificate(const std::string& names) {
    const TlsCertificate made = MakeTlsCertificate(names);
    context_.use_certificate(asio::buffer(made.certificate),
                             asio::ssl::context::pem);
    context_.use_private_key(asio::buffer(made.private_key),
                             asio::ssl::context::pem);
    return WriteFile("ca.pem", made.certificate);
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(folder_.path(), "/", name);
    std::ofstream(path) << content;
    return path;
  }

  const TemporaryFolder folder_;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_,
                          tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  asio::ssl::context context_{asio::ssl::context::tls_server};
};

TEST_F(WebSocketTransportTest, CarriesBinaryMessagesAndSkipsOthers) {
  auto server = StartCoroutine(io_, ServePlain(&acceptor_));
  Connected transport = Connect(Options("ws"));
  ASSERT_TRUE(transport.ok()) << transport.status();

  ASSERT_TRUE(RunCoroutine(io_, (*transport)->Send("text: hello")).ok());
  const auto echo = RunCoroutine(io_, (*transport)->Receive());
  ASSERT_TRUE(echo.ok()) << echo.status();
  EXPECT_EQ(*echo, "text: hello");
  // If the text had not been skipped, it would arrive a second time.
  const std::string large(300'000, 'x');
  ASSERT_TRUE(RunCoroutine(io_, (*transport)->Send(large)).ok());
  EXPECT_EQ(*RunCoroutine(io_, (*transport)->Receive()), large);

  transport->reset();
  server.Finish();
}

TEST_F(WebSocketTransportTest, AsksAsTheWebClientDoes) {
  auto server = StartCoroutine(io_, ServePlain(&acceptor_));
  WebSocketOptions options = Options("ws");
  options.url += "?ED=AbCd";
  Connected transport = Connect(options);
  ASSERT_TRUE(transport.ok()) << transport.status();
  (*transport)->Close();
  const Request request = server.Finish();
  EXPECT_EQ(request.target(), "/ws/chat?ED=AbCd");
  EXPECT_EQ(request[http::field::origin], "https://web.whatsapp.com");
  EXPECT_THAT(std::string(request[http::field::user_agent]),
              HasSubstr("Mozilla/5.0"));
  EXPECT_EQ(request[http::field::sec_websocket_extensions], "");
}

TEST_F(WebSocketTransportTest, TrustsTheGivenAuthorityForTheHostsItNames) {
  WebSocketOptions options = Options("wss");
  options.ca_file = UseCertificate("IP:127.0.0.1,DNS:localhost");
  for (const char* host : {"127.0.0.1", "localhost"}) {
    SCOPED_TRACE(host);
    options.url = Options("wss", host).url;
    auto server = StartCoroutine(io_, ServeTls(&acceptor_, &context_));
    Connected transport = Connect(options);
    ASSERT_TRUE(transport.ok()) << transport.status();
    ASSERT_TRUE(RunCoroutine(io_, (*transport)->Send("over TLS")).ok());
    EXPECT_EQ(*RunCoroutine(io_, (*transport)->Receive()), "over TLS");
    transport->reset();
    server.Finish();
  }
}

TEST_F(WebSocketTransportTest, CarriesMoreThanTheSocketTakesOverTls) {
  WebSocketOptions options = Options("wss");
  options.ca_file = UseCertificate("IP:127.0.0.1");
  auto server = StartCoroutine(io_, ServeTls(&acceptor_, &context_));
  Connected transport = Connect(options);
  ASSERT_TRUE(transport.ok()) << transport.status();
  // A read is pending all the time: reads and writes do not block each other.
  auto first = StartCoroutine(io_, (*transport)->Receive());
  std::string large(8'000'000, '\0');
  for (size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<char>(i % 251);
  ASSERT_TRUE(RunCoroutine(io_, (*transport)->Send(large)).ok());
  ASSERT_TRUE(RunCoroutine(io_, (*transport)->Send("the last")).ok());
  EXPECT_EQ(*first.Finish(), large);
  EXPECT_EQ(*RunCoroutine(io_, (*transport)->Receive()), "the last");
  transport->reset();
  server.Finish();
}

TEST_F(WebSocketTransportTest, IsUnavailableWhenThePeerEndsTls) {
  WebSocketOptions options = Options("wss");
  options.ca_file = UseCertificate("IP:127.0.0.1");
  for (const bool properly : {true, false}) {
    SCOPED_TRACE(properly);
    auto server =
        StartCoroutine(io_, ServeTlsAndLeave(&acceptor_, &context_, properly));
    Connected transport = Connect(options);
    ASSERT_TRUE(transport.ok()) << transport.status();
    const auto received = RunCoroutine(io_, (*transport)->Receive());
    EXPECT_TRUE(absl::IsUnavailable(received.status())) << received.status();
    transport->reset();
    server.Finish();
  }
}

TEST_F(WebSocketTransportTest, RefusesACertificateForAnotherHost) {
  WebSocketOptions options = Options("wss");
  options.ca_file = UseCertificate("IP:127.0.0.2,DNS:web.whatsapp.com");
  for (const char* host : {"127.0.0.1", "localhost"}) {
    SCOPED_TRACE(host);
    options.url = Options("wss", host).url;
    auto server = StartCoroutine(io_, ServeTls(&acceptor_, &context_));
    const Connected transport = Connect(options);
    EXPECT_TRUE(absl::IsUnauthenticated(transport.status()))
        << transport.status();
    EXPECT_THROW(server.Finish(), std::exception);
  }
}

TEST_F(WebSocketTransportTest, RefusesACertificateOfAnotherAuthority) {
  UseCertificate("IP:127.0.0.1");
  WebSocketOptions options = Options("wss");
  options.ca_file =
      WriteFile("other.pem", MakeTlsCertificate("IP:127.0.0.1").certificate);
  for (const std::string& ca_file : {options.ca_file, std::string()}) {
    SCOPED_TRACE(ca_file.empty() ? "the system's" : ca_file);
    options.ca_file = ca_file;
    auto server = StartCoroutine(io_, ServeTls(&acceptor_, &context_));
    const Connected transport = Connect(options);
    EXPECT_TRUE(absl::IsUnauthenticated(transport.status()))
        << transport.status();
    EXPECT_THROW(server.Finish(), std::exception);
  }
}

TEST_F(WebSocketTransportTest, SaysWhenTheAuthoritiesCannotBeRead) {
  WebSocketOptions options = Options("wss");
  options.ca_file = WriteFile("no.pem", "this is no certificate");
  EXPECT_TRUE(absl::IsInvalidArgument(Connect(options).status()));
  options.ca_file = "/nonexistent/ca.pem";
  const absl::Status status = Connect(options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nonexistent/ca.pem"));
}

TEST_F(WebSocketTransportTest, GivesUpOnAPeerThatStallsInAnyStep) {
  for (const char* scheme : {"ws", "wss"}) {
    SCOPED_TRACE(scheme);
    auto server = StartCoroutine(io_, ServeSilence(&acceptor_));
    WebSocketOptions options = Options(scheme);
    // Long enough to reach the peer on a busy machine.
    options.timeout = absl::Seconds(1);
    const absl::Status status = Connect(options).status();
    EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
    server.Finish();
  }
}

TEST_F(WebSocketTransportTest, TellsTheStatusOfARefusedUpgrade) {
  auto server = StartCoroutine(io_, ServeRefusal(&acceptor_, 503));
  const absl::Status status = Connect(Options("ws")).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("503"));
  server.Finish();
}

TEST_F(WebSocketTransportTest, IsUnavailableIfNoServerListens) {
  const WebSocketOptions options = Options("ws");
  acceptor_.close();
  const absl::Status status = Connect(options).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(WebSocketTransportTest, RefusesAMessageOverTheLimit) {
  auto server = StartCoroutine(io_, ServePlain(&acceptor_));
  WebSocketOptions options = Options("ws");
  options.max_message_bytes = 1000;
  Connected transport = Connect(options);
  ASSERT_TRUE(transport.ok()) << transport.status();
  ASSERT_TRUE(
      RunCoroutine(io_, (*transport)->Send(std::string(1000, 'x'))).ok());
  EXPECT_TRUE(RunCoroutine(io_, (*transport)->Receive()).ok());
  ASSERT_TRUE(
      RunCoroutine(io_, (*transport)->Send(std::string(1001, 'x'))).ok());
  const absl::Status status =
      RunCoroutine(io_, (*transport)->Receive()).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  transport->reset();
  server.Finish();
}

TEST_F(WebSocketTransportTest, ClosingEndsPendingOperations) {
  auto server = StartCoroutine(io_, ServePlain(&acceptor_));
  Connected transport = Connect(Options("ws"));
  ASSERT_TRUE(transport.ok()) << transport.status();
  auto receiving = StartCoroutine(io_, (*transport)->Receive());
  RunFor(io_, absl::Milliseconds(20));
  EXPECT_FALSE(receiving.finished());
  (*transport)->Close();
  (*transport)->Close();
  EXPECT_TRUE(absl::IsUnavailable(receiving.Finish().status()));
  EXPECT_TRUE(
      absl::IsUnavailable(RunCoroutine(io_, (*transport)->Send("late"))));
  server.Finish();
}

TEST_F(WebSocketTransportTest, MayGoWhileOperationsWait) {
  auto server = StartCoroutine(io_, ServePlain(&acceptor_));
  Connected transport = Connect(Options("ws"));
  ASSERT_TRUE(transport.ok()) << transport.status();
  auto receiving = StartCoroutine(io_, (*transport)->Receive());
  RunFor(io_, absl::Milliseconds(20));
  transport->reset();
  EXPECT_TRUE(absl::IsUnavailable(receiving.Finish().status()));
  server.Finish();
}

TEST_F(WebSocketTransportTest, RefusesInvalidWebSocketUrls) {
  for (const char* url :
       {"", "web.whatsapp.com", "https://web.whatsapp.com", "ws://",
        "ws://:80/", "ws://host:0/", "ws://host:65536/", "ws://host:x/",
        "ws://host:-1/", "wss://user@host/", "ws://[::1", "ws://[::1]x",
        "ws://host/a b", "ws://ho\nst/"}) {
    SCOPED_TRACE(url);
    WebSocketOptions options;
    options.url = url;
    const absl::Status status = Connect(options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  }
}

}  // namespace
}  // namespace portrait::whatsapp
