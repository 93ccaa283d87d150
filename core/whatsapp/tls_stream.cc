#include "core/whatsapp/tls_stream.h"

#include <new>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace portrait::whatsapp {

namespace asio = boost::asio;
using boost::system::error_code;

TlsStream::TlsStream(const asio::any_io_executor& strand,
                     asio::ssl::context& context)
    : tcp_(strand), ssl_(SSL_new(context.native_handle())) {
  BIO* const bio = BIO_new(WireMethod());
  if (ssl_ == nullptr || bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &wire_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // takes ownership of the bio
  SSL_set_connect_state(ssl_.get());
  // OpenSSL writes one record at a time, allows the buffer to move before a
  // write is repeated, and keeps no buffers while the connection is idle.
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
}

asio::awaitable<error_code> TlsStream::ShakeHands() {
  error_code error;
  wire_.socket.non_blocking(true, error);
  while (!error) {
    const Attempt attempt = ShakeHandsOnce();
    if (attempt.want == Want::kNothing) co_return attempt.error;
    co_await wire_.socket.async_wait(
        attempt.want == Want::kToRead ? Socket::wait_read : Socket::wait_write,
        asio::redirect_error(asio::use_awaitable, error));
  }
  co_return error;
}

void TlsStream::EndTls() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

TlsStream::Attempt TlsStream::ShakeHandsOnce() {
  ERR_clear_error();
  return Outcome(SSL_do_handshake(ssl_.get()), 0);
}

TlsStream::Attempt TlsStream::Read(asio::mutable_buffer into) {
  if (into.size() == 0) return Attempt();
  ERR_clear_error();
  size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
  return Outcome(result, bytes);
}

TlsStream::Attempt TlsStream::Write(asio::const_buffer from) {
  if (from.size() == 0) return Attempt();
  ERR_clear_error();
  size_t bytes = 0;
  const int result = SSL_write_ex(ssl_.get(), from.data(), from.size(), &bytes);
  return Outcome(result, bytes);
}

TlsStream::Attempt TlsStream::Outcome(int result, size_t bytes) {
  if (result > 0) return {Want::kNothing, error_code(), bytes};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Want::kToRead, error_code(), 0};
    case SSL_ERROR_WANT_WRITE:
      return {Want::kToWrite, error_code(), 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Want::kNothing, asio::error::eof, 0};
    default:
      break;
  }
  if (wire_.error == asio::error::eof) {
    return {Want::kNothing, asio::ssl::error::stream_truncated, 0};
  }
  if (wire_.error && wire_.error != asio::error::would_block) {
    return {Want::kNothing, wire_.error, 0};
  }
  return {Want::kNothing,
          error_code(static_cast<int>(ERR_get_error()),
                     asio::error::get_ssl_category()),
          0};
}

BIO_METHOD* TlsStream::WireMethod() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "asio socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, [](BIO* bio, char* into, int size) {
      auto* const wire = static_cast<Wire*>(BIO_get_data(bio));
      BIO_clear_retry_flags(bio);
      const size_t bytes =
          wire->socket.read_some(asio::buffer(into, size), wire->error);
      if (wire->error == asio::error::would_block) BIO_set_retry_read(bio);
      return wire->error ? -1 : static_cast<int>(bytes);
    });
    BIO_meth_set_write(made, [](BIO* bio, const char* from, int size) {
      auto* const wire = static_cast<Wire*>(BIO_get_data(bio));
      BIO_clear_retry_flags(bio);
      const size_t bytes =
          wire->socket.write_some(asio::buffer(from, size), wire->error);
      if (wire->error == asio::error::would_block) BIO_set_retry_write(bio);
      return wire->error ? -1 : static_cast<int>(bytes);
    });
    // The BIO has no buffer, so flushing always succeeds.
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long {
      return command == BIO_CTRL_FLUSH ? 1 : 0;
    });
    return made;
  }();  // never freed
  return method;
}

}  // namespace portrait::whatsapp
