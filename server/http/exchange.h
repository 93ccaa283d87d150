// Exchange is one HTTP request and its response. Handlers see nothing else of a
// connection, so that tests run them without one.
#ifndef PORTRAIT_SERVER_HTTP_EXCHANGE_H_
#define PORTRAIT_SERVER_HTTP_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/http/http_message.h"

namespace portrait::http {

// Confined to the strand of its connection. Lives until the handler's coroutine
// has returned. A handler either calls Respond once, or StartStream, Write any
// number of times and FinishStream.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;

  // The next bytes of the request's body; nullopt at its end. May run at the
  // same time as the writing methods.
  //
  // Errors: INVALID_ARGUMENT (malformed), DEADLINE_EXCEEDED (the caller sends
  // too slowly), CANCELLED (the caller disconnected).
  virtual boost::asio::awaitable<absl::StatusOr<std::optional<std::string>>>
  ReadBody() = 0;

  // By default the whole body must arrive within 30 s. After this call only a
  // pause of 5 minutes ends the request: for bodies that are streams.
  virtual void AllowSlowBody() = 0;

  // Sends a whole response. The methods below return an error when the caller
  // has disconnected or reads too slowly; the handler then returns.
  virtual boost::asio::awaitable<absl::Status> Respond(Response response) = 0;

  virtual boost::asio::awaitable<absl::Status> StartStream(Response head) = 0;
  virtual boost::asio::awaitable<absl::Status> Write(std::string piece) = 0;
  // If a stream is not finished, the connection is closed without the last
  // chunk, which tells the caller that the body is incomplete.
  virtual boost::asio::awaitable<absl::Status> FinishStream() = 0;

  // Ends a waiting ReadBody with CANCELLED, when nothing is being written. The
  // connection is closed after this request.
  virtual void StopReading() = 0;

  // Calls `cancel` when the caller disconnects, or when the server stops
  // waiting for handlers. Null: no longer. Do not read the body meanwhile.
  virtual void OnDisconnect(std::function<void()> cancel) = 0;
};

// An exchange of which a derived class changes something. Borrows `exchange`.
class ForwardingExchange : public Exchange {
 public:
  explicit ForwardingExchange(Exchange& exchange) : exchange_(exchange) {}

  const Request& request() const override { return exchange_.request(); }
  boost::asio::awaitable<absl::StatusOr<std::optional<std::string>>> ReadBody()
      override {
    return exchange_.ReadBody();
  }
  void AllowSlowBody() override { exchange_.AllowSlowBody(); }
  boost::asio::awaitable<absl::Status> Respond(Response response) override {
    return exchange_.Respond(std::move(response));
  }
  boost::asio::awaitable<absl::Status> StartStream(Response head) override {
    return exchange_.StartStream(std::move(head));
  }
  boost::asio::awaitable<absl::Status> Write(std::string piece) override {
    return exchange_.Write(std::move(piece));
  }
  boost::asio::awaitable<absl::Status> FinishStream() override {
    return exchange_.FinishStream();
  }
  void StopReading() override { exchange_.StopReading(); }
  void OnDisconnect(std::function<void()> cancel) override {
    exchange_.OnDisconnect(std::move(cancel));
  }

 private:
  Exchange& exchange_;
};

// Reads a whole body of at most `max_bytes`.
//
// Errors: those of ReadBody; OUT_OF_RANGE if it is larger.
boost::asio::awaitable<absl::StatusOr<std::string>> ReadWholeBody(
    Exchange& exchange, size_t max_bytes);

// Answers one request.
using Handler = std::function<boost::asio::awaitable<void>(Exchange&)>;

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_EXCHANGE_H_
