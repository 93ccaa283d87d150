// TlsStream is a TLS client over a TCP stream, a layer below Beast's WebSocket.
// It needs less memory than Asio's stream: OpenSSL reads and writes the socket
// itself, while Asio's stream keeps 68 KiB of buffers for each connection, and
// there are thousands of sessions.
#ifndef PORTRAIT_CORE_WHATSAPP_TLS_STREAM_H_
#define PORTRAIT_CORE_WHATSAPP_TLS_STREAM_H_

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include <openssl/ssl.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/buffers_prefix.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <boost/system/error_code.hpp>

namespace portrait::whatsapp {

// An Asio AsyncStream. Confined to the strand it is made with; one read and one
// write may be pending at once, after the handshake. Closing the layer below
// ends them. It must outlive pending operations.
class TlsStream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;
  using next_layer_type = boost::beast::tcp_stream;

  // `context` must outlive the stream.
  TlsStream(const boost::asio::any_io_executor& strand,
            boost::asio::ssl::context& context);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  executor_type get_executor() { return tcp_.get_executor(); }
  next_layer_type& next_layer() { return tcp_; }
  const next_layer_type& next_layer() const { return tcp_; }
  SSL* native_handle() { return ssl_.get(); }

  // Call it once, when the layer below is connected. It has no deadline of its
  // own.
  boost::asio::awaitable<boost::system::error_code> ShakeHands();

  // Fills the first of `buffers` with the data that is available.
  //
  // Errors: `eof` if the peer ended TLS, `stream_truncated` if it closed TCP
  // without that, those of the socket and of OpenSSL.
  template <typename MutableBufferSequence, typename Token>
  auto async_read_some(const MutableBufferSequence& buffers, Token&& token) {
    const boost::asio::mutable_buffer into =
        boost::beast::buffers_front(buffers);
    return Run([this, into] { return Read(into); }, token);
  }

  // Sends at most one TLS record of `buffers`, in one piece.
  template <typename ConstBufferSequence, typename Token>
  auto async_write_some(const ConstBufferSequence& buffers, Token&& token) {
    return Run(
        [this, buffers] {
          std::array<char, kMaxRecordBytes> record;
          return Write(boost::asio::buffer(
              record,
              boost::asio::buffer_copy(boost::asio::buffer(record), buffers)));
        },
        token);
  }

  // Notifies the peer of the end of TLS, if the socket accepts the data now.
  void EndTls();

 private:
  static constexpr size_t kMaxRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;

  using Socket = boost::asio::ip::tcp::socket;
  // The endpoint of OpenSSL's reads and writes. OpenSSL cannot return the
  // socket's errors, so the last one is kept here.
  struct Wire {
    Socket& socket;
    boost::system::error_code error;
  };
  enum class Want { kNothing, kToRead, kToWrite };
  // The result of one OpenSSL call: it must wait for the socket, or is done.
  struct Attempt {
    Want want = Want::kNothing;
    boost::system::error_code error;
    size_t bytes = 0;
  };
  template <typename TryOnce>
  struct Operation;

  static BIO_METHOD* WireMethod();
  Attempt ShakeHandsOnce();
  Attempt Read(boost::asio::mutable_buffer into);
  Attempt Write(boost::asio::const_buffer from);
  // `result` is the return value of the OpenSSL call; positive for success.
  Attempt Outcome(int result, size_t bytes);

  template <typename TryOnce, typename Token>
  auto Run(TryOnce try_once, Token& token) {
    return boost::asio::async_compose<Token,
                                      void(boost::system::error_code, size_t)>(
        Operation<TryOnce>{this, std::move(try_once), {}}, token, tcp_);
  }

  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  boost::beast::tcp_stream tcp_;
  Wire wire_{tcp_.socket(), {}};
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

// Repeats `try_once` until it is done, and waits for the socket in between.
template <typename TryOnce>
struct TlsStream::Operation {
  TlsStream* stream;
  TryOnce try_once;
  Attempt attempt;
  enum { kStarting, kWaiting, kDone } state = kStarting;

  // `self` owns this object, so no member may be used after `self` was moved.
  template <typename Self>
  void operator()(Self& self, boost::system::error_code error = {}) {
    if (state == kDone) return self.complete(attempt.error, attempt.bytes);
    attempt = error ? Attempt{Want::kNothing, error, 0} : try_once();
    if (attempt.want != Want::kNothing) {
      state = kWaiting;
      const auto wait = attempt.want == Want::kToRead ? Socket::wait_read
                                                      : Socket::wait_write;
      Socket& socket = stream->wire_.socket;
      return socket.async_wait(wait, std::move(self));
    }
    if (state == kWaiting) return self.complete(attempt.error, attempt.bytes);
    // A handler must not be called before the operation's start has returned.
    state = kDone;
    boost::asio::post(stream->get_executor(), std::move(self));
  }
};

// Beast calls this to close the layer below a WebSocket.
template <typename Handler>
void async_teardown(boost::beast::role_type role, TlsStream& stream,
                    Handler&& handler) {
  stream.EndTls();
  using boost::beast::async_teardown;
  async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TLS_STREAM_H_
