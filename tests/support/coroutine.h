// Running coroutines from a test's own thread.
//
//   asio::io_context io;
//   absl::StatusOr<Device> device =
//       RunCoroutine(io, PairByQrCode(io.get_executor(), options, &events));
//
// An io_context that only the test's thread runs is a strand by itself.
#ifndef PORTRAIT_TESTS_SUPPORT_COROUTINE_H_
#define PORTRAIT_TESTS_SUPPORT_COROUTINE_H_

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/test_deadline.h"

namespace portrait {

// Runs `io` until `predicate` holds; returns false if it does not after
// `deadline`.
template <typename Predicate>
bool RunUntil(boost::asio::io_context& io, Predicate predicate,
              absl::Duration deadline = kTestDeadline) {
  const absl::Time give_up = absl::Now() + deadline;
  while (!predicate()) {
    if (absl::Now() >= give_up) return false;
    // Other threads may still post work, so an idle context does not end the
    // wait.
    io.restart();
    io.run_one_for(std::chrono::milliseconds(10));
  }
  return true;
}

// Runs `io` for that long, to check that an event does not happen.
inline void RunFor(boost::asio::io_context& io, absl::Duration duration) {
  RunUntil(
      io, [] { return false; }, duration);
}

// A started coroutine, which runs whenever `io` runs.
template <typename T>
class Started {
 public:
  Started(boost::asio::io_context& io, boost::asio::awaitable<T> task)
      : io_(io) {
    boost::asio::co_spawn(
        io, std::move(task),
        [outcome = outcome_](std::exception_ptr exception, T result) {
          outcome->exception = exception;
          outcome->result.emplace(std::move(result));
        });
  }

  bool finished() const { return outcome_->result.has_value(); }

  // Runs `io` until there is a result. Throws, and so fails the test, if the
  // coroutine throws or has not finished after `deadline`. Call it once.
  T Finish(absl::Duration deadline = kTestDeadline) {
    if (!RunUntil(
            io_, [this] { return finished(); }, deadline)) {
      throw std::runtime_error("the coroutine did not finish in time");
    }
    if (outcome_->exception) std::rethrow_exception(outcome_->exception);
    return std::move(*outcome_->result);
  }

 private:
  // Shared, because a coroutine that missed the deadline may still finish
  // later.
  struct Outcome {
    std::exception_ptr exception;
    std::optional<T> result;
  };

  boost::asio::io_context& io_;
  const std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
};

template <typename T>
Started<T> StartCoroutine(boost::asio::io_context& io,
                          boost::asio::awaitable<T> task) {
  return Started<T>(io, std::move(task));
}

// See Started::Finish.
template <typename T>
T RunCoroutine(boost::asio::io_context& io, boost::asio::awaitable<T> task,
               absl::Duration deadline = kTestDeadline) {
  return StartCoroutine(io, std::move(task)).Finish(deadline);
}

namespace coroutine_internal {

inline boost::asio::awaitable<bool> TrueAfter(
    boost::asio::awaitable<void> task) {
  co_await std::move(task);
  co_return true;
}

}  // namespace coroutine_internal

inline void RunCoroutine(boost::asio::io_context& io,
                         boost::asio::awaitable<void> task,
                         absl::Duration deadline = kTestDeadline) {
  RunCoroutine(io, coroutine_internal::TrueAfter(std::move(task)), deadline);
}

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_COROUTINE_H_
