#include "server/http/connection.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/http/peer.h"
#include "server/http/request_reader.h"
#include "server/http/response_writer.h"
#include "server/http/socket_deadline.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Socket = Protocol::socket;

// A body that no handler has read is read and dropped up to this size, so that
// the connection can be used again.
constexpr size_t kMaxDroppedBytes = 64 << 10;
constexpr size_t kReceiveBytes = 4 << 10;
// While the body is a stream: each part becomes a message of gRPC.
constexpr size_t kReceiveStreamBytes = 16 << 10;

absl::Status AnsweredTwice() {
  return absl::InternalError("HTTP: a request was answered twice");
}

asio::awaitable<absl::Status> Fail(absl::Status status) { co_return status; }

class SocketConnection final
    : public Connection,
      public Exchange,
      public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(asio::io_context& io, int descriptor, Options options)
      : options_(std::move(options)),
        socket_(asio::make_strand(io)),
        reader_(options_.limits.max_header_bytes) {
    error_code ignored;
    socket_.assign(Protocol(AF_INET, IPPROTO_TCP), descriptor, ignored);
    socket_.non_blocking(true, ignored);
    if (options_.tls != nullptr) tls_.emplace(socket_, *options_.tls);
  }
  ~SocketConnection() override { options_.observer->OnClosed(this); }

  void Start() override;
  void CloseSoon() override;
  void CloseNow() override;

  const Request& request() const override { return request_; }
  asio::awaitable<absl::StatusOr<std::optional<std::string>>> ReadBody()
      override;
  void AllowSlowBody() override {
    is_slow_body_ = true;
    received_.resize(kReceiveStreamBytes);
  }
  asio::awaitable<absl::Status> Respond(Response response) override;
  asio::awaitable<absl::Status> StartStream(Response head) override;
  asio::awaitable<absl::Status> Write(std::string piece) override;
  asio::awaitable<absl::Status> FinishStream() override;
  void StopReading() override {
    closing_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  }
  void OnDisconnect(std::function<void()> cancel) override;

 private:
  enum class Sent { kNothing, kHead, kAll };

  asio::awaitable<void> Serve(std::shared_ptr<SocketConnection> self);
  asio::awaitable<bool> Handshake();
  asio::awaitable<bool> ReadRequest();
  asio::awaitable<bool> AnswerRequest();
  asio::awaitable<void> Refuse(int status, std::string why);
  asio::awaitable<void> Linger();
  // Reads more into reader_; false if the connection has ended.
  asio::awaitable<bool> Receive(absl::Duration timeout);
  asio::awaitable<absl::Status> Send(std::string bytes);
  absl::Duration BodyTimeout() const;
  bool WillClose() const { return closing_ || !reader_.keeps_alive(); }
  void Close();
  void WatchPeer();

  const Options options_;
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  RequestReader reader_;
  Request request_;
  std::vector<char> received_ = std::vector<char>(kReceiveBytes);
  // A request that comes too slowly is told so.
  SocketDeadline read_deadline_{socket_, SocketDeadline::Then::kCancel};
  SocketDeadline write_deadline_{socket_, SocketDeadline::Then::kClose};
  bool closing_ = false;
  // Of the current request:
  Sent sent_ = Sent::kNothing;
  bool is_slow_body_ = false;
  bool is_chunked_ = false;  // the streamed response
  absl::Time body_start_;
  std::function<void()> cancel_;
};

void SocketConnection::Start() {
  asio::co_spawn(socket_.get_executor(), Serve(shared_from_this()),
                 [](std::exception_ptr failure) {
                   if (failure == nullptr) return;
                   try {
                     std::rethrow_exception(failure);
                   } catch (const std::exception& e) {
                     LogError("HTTP: a request failed: {}", e.what());
                   }
                 });
}

void SocketConnection::CloseSoon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->closing_ = true;
    if (!self->reader_.has_request()) self->Close();
  });
}

void SocketConnection::CloseNow() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->closing_ = true;
    self->Close();
  });
}

void SocketConnection::Close() {
  error_code ignored;
  socket_.close(ignored);
  if (const auto cancel = std::exchange(cancel_, nullptr)) cancel();
}

asio::awaitable<void> SocketConnection::Serve(
    std::shared_ptr<SocketConnection> /*self*/) {
  bool goes_on = co_await Handshake();
  while (goes_on && !closing_) {
    goes_on = co_await ReadRequest();
    if (goes_on) goes_on = co_await AnswerRequest();
  }
  if (tls_.has_value() && socket_.is_open()) {
    error_code ignored;
    read_deadline_.Set(options_.limits.header_timeout);
    co_await tls_->async_shutdown(
        asio::redirect_error(asio::use_awaitable, ignored));
  }
  read_deadline_.Cancel();
  write_deadline_.Cancel();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  Close();
}

asio::awaitable<bool> SocketConnection::Handshake() {
  if (!tls_.has_value()) co_return true;
  error_code ec;
  read_deadline_.Set(options_.limits.header_timeout);
  co_await tls_->async_handshake(asio::ssl::stream_base::server,
                                 asio::redirect_error(asio::use_awaitable, ec));
  read_deadline_.Cancel();
  if (ec) Close();
  co_return !ec;
}

asio::awaitable<bool> SocketConnection::Receive(absl::Duration timeout) {
  error_code ec;
  size_t size = 0;
  const auto buffer = asio::buffer(received_);
  read_deadline_.Set(timeout);
  if (tls_.has_value()) {
    size = co_await tls_->async_read_some(
        buffer, asio::redirect_error(asio::use_awaitable, ec));
  } else {
    size = co_await socket_.async_read_some(
        buffer, asio::redirect_error(asio::use_awaitable, ec));
  }
  read_deadline_.Cancel();
  if (ec || size == 0) co_return false;
  reader_.Append(absl::string_view(received_.data(), size));
  co_return true;
}

asio::awaitable<bool> SocketConnection::ReadRequest() {
  reader_.Next();
  options_.observer->OnIdle(this);
  absl::Time start = absl::InfiniteFuture();  // of the first byte
  while (true) {
    const absl::StatusOr<bool> complete = reader_.ReadHeader(&request_);
    if (!complete.ok()) {
      closing_ = true;
      co_await Refuse(reader_.error_status(),
                      std::string(complete.status().message()));
      co_return false;
    }
    if (*complete) break;
    absl::Duration timeout = options_.limits.idle_timeout;
    if (!reader_.is_empty()) {
      start = std::min(start, absl::Now());
      timeout = start + options_.limits.header_timeout - absl::Now();
    }
    const bool received = co_await Receive(timeout);
    if (!received) co_return false;
  }
  request_.is_tls = tls_.has_value();
  options_.observer->OnBusy(this);
  co_return true;
}

// Answers a request that no handler sees.
asio::awaitable<void> SocketConnection::Refuse(int status, std::string why) {
  sent_ = Sent::kNothing;
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = absl::StrCat(why, "\n");
  (void)co_await Respond(std::move(response));
  co_await Linger();
}

// Reads on for a while after the last response: a peer that is still sending
// would lose it to a reset.
asio::awaitable<void> SocketConnection::Linger() {
  error_code ignored;
  if (!tls_.has_value()) socket_.shutdown(Socket::shutdown_send, ignored);
  for (size_t dropped = 0; dropped < kMaxDroppedBytes;
       dropped += received_.size()) {
    const bool received = co_await Receive(absl::Seconds(1));
    if (!received) break;
    reader_.Drop();
  }
}

asio::awaitable<bool> SocketConnection::AnswerRequest() {
  sent_ = Sent::kNothing;
  is_slow_body_ = false;
  body_start_ = absl::Now();
  co_await (*options_.handler)(*this);
  cancel_ = nullptr;
  if (received_.size() > kReceiveBytes) {
    received_ = std::vector<char>(kReceiveBytes);
  }
  if (sent_ != Sent::kAll || !socket_.is_open()) co_return false;
  is_slow_body_ = false;
  if (WillClose() && !reader_.is_complete()) co_await Linger();
  size_t dropped = 0;
  while (!WillClose() && !reader_.is_complete()) {
    absl::StatusOr<std::optional<std::string>> piece = co_await ReadBody();
    if (!piece.ok()) co_return false;
    if (piece->has_value()) dropped += (*piece)->size();
    if (dropped > kMaxDroppedBytes) co_return false;
  }
  co_return !WillClose();
}

absl::Duration SocketConnection::BodyTimeout() const {
  if (is_slow_body_) return options_.limits.stream_pause;
  return body_start_ + options_.limits.body_timeout - absl::Now();
}

asio::awaitable<absl::StatusOr<std::optional<std::string>>>
SocketConnection::ReadBody() {
  using Result = absl::StatusOr<std::optional<std::string>>;
  if (reader_.TakeExpectation() && sent_ == Sent::kNothing) {
    const absl::Status sent = co_await Send("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent.ok()) co_return Result(sent);
  }
  while (true) {
    absl::StatusOr<std::string> piece = reader_.ReadBody();
    if (!piece.ok()) {
      closing_ = true;
      co_return Result(piece.status());
    }
    if (!piece->empty()) co_return Result(*std::move(piece));
    if (reader_.is_complete()) co_return Result(std::nullopt);
    const bool received = co_await Receive(BodyTimeout());
    if (received) continue;
    closing_ = true;
    co_return Result(
        read_deadline_.expired()
            ? absl::DeadlineExceededError("the request's body came too slowly")
            : absl::CancelledError("the caller has disconnected"));
  }
}

asio::awaitable<absl::Status> SocketConnection::Send(std::string bytes) {
  absl::string_view rest = bytes;
  while (!rest.empty()) {
    error_code ec = asio::error::would_block;
    const auto buffer = asio::buffer(rest.data(), rest.size());
    size_t sent = 0;
    // Most responses fit into the socket's buffer.
    if (!tls_.has_value()) sent = socket_.write_some(buffer, ec);
    if (ec == asio::error::would_block) {
      write_deadline_.Set(options_.limits.write_timeout);
      if (tls_.has_value()) {
        sent = co_await tls_->async_write_some(
            buffer, asio::redirect_error(asio::use_awaitable, ec));
      } else {
        co_await socket_.async_wait(
            Socket::wait_write, asio::redirect_error(asio::use_awaitable, ec));
      }
      write_deadline_.Cancel();
    }
    if (ec) {
      closing_ = true;
      co_return absl::CancelledError("the caller has disconnected");
    }
    rest.remove_prefix(sent);
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> SocketConnection::Respond(Response response) {
  if (sent_ != Sent::kNothing) return Fail(AnsweredTwice());
  sent_ = Sent::kAll;
  const bool is_head = request_.method == "HEAD";
  return Send(WholeResponse(response, is_head, WillClose()));
}

asio::awaitable<absl::Status> SocketConnection::StartStream(Response head) {
  if (sent_ != Sent::kNothing) co_return AnsweredTwice();
  sent_ = Sent::kHead;
  const bool has_length = head.body_bytes.has_value();
  is_chunked_ = reader_.is_http_11() && !has_length;
  if (!is_chunked_ && !has_length) closing_ = true;
  co_return co_await Send(StreamHead(head, is_chunked_, WillClose()));
}

asio::awaitable<absl::Status> SocketConnection::Write(std::string piece) {
  if (piece.empty() || request_.method == "HEAD") co_return absl::OkStatus();
  if (is_chunked_) piece = Chunk(piece);
  co_return co_await Send(std::move(piece));
}

asio::awaitable<absl::Status> SocketConnection::FinishStream() {
  sent_ = Sent::kAll;
  if (!is_chunked_ || request_.method == "HEAD") co_return absl::OkStatus();
  co_return co_await Send(std::string(kLastChunk));
}

void SocketConnection::OnDisconnect(std::function<void()> cancel) {
  cancel_ = std::move(cancel);
  if (cancel_ == nullptr) return;
  if (!socket_.is_open()) {
    Close();
  } else if (reader_.is_empty()) {
    WatchPeer();
  }
}

void SocketConnection::WatchPeer() {
  socket_.async_wait(Socket::wait_read,
                     [self = weak_from_this()](const error_code& ec) {
                       const auto connection = self.lock();
                       if (connection == nullptr || ec) return;
                       if (!PeerIsGone(connection->socket_.native_handle()))
                         return;
                       if (connection->cancel_ == nullptr) return;
                       connection->closing_ = true;
                       connection->Close();
                     });
}

}  // namespace

std::shared_ptr<Connection> Connection::Make(asio::io_context& io,
                                             int descriptor, Options options) {
  return std::make_shared<SocketConnection>(io, descriptor, std::move(options));
}

}  // namespace portrait::http
