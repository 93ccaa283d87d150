// OneShot hands one value from a callback to a coroutine that waits for it.
#ifndef PORTRAIT_SERVER_HTTP_ONE_SHOT_H_
#define PORTRAIT_SERVER_HTTP_ONE_SHOT_H_

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace portrait::http {

// Thread-safe. Held by shared_ptr by both sides.
template <typename T>
class OneShot : public std::enable_shared_from_this<OneShot<T>> {
 public:
  // Sets the value; later values are ignored.
  void Set(T value) {
    std::function<void(T)> resume;
    {
      absl::MutexLock lock(&mu_);
      if (is_set_) return;
      is_set_ = true;
      if (resume_ == nullptr) {
        value_ = std::move(value);
        return;
      }
      resume = std::move(resume_);
    }
    resume(std::move(value));
  }

  // Returns the value once it is set, on the executor of the caller. Call it
  // once.
  boost::asio::awaitable<T> Wait() {
    // Named, since GCC 12 may destroy a temporary of a co_await expression
    // twice.
    auto initiate = [self = this->shared_from_this()](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      self->OnWait([shared](T value) {
        const auto executor = boost::asio::get_associated_executor(*shared);
        boost::asio::post(executor,
                          [shared, value = std::move(value)]() mutable {
                            (*shared)(std::move(value));
                          });
      });
    };
    auto waiting =
        boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                    void(T)>(std::move(initiate),
                                             boost::asio::use_awaitable);
    co_return co_await std::move(waiting);
  }

 private:
  void OnWait(std::function<void(T)> resume) {
    std::optional<T> value;
    {
      absl::MutexLock lock(&mu_);
      if (!is_set_) {
        resume_ = std::move(resume);
        return;
      }
      value = std::move(value_);
    }
    resume(*std::move(value));
  }

  absl::Mutex mu_;
  bool is_set_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<T> value_ ABSL_GUARDED_BY(mu_);
  std::function<void(T)> resume_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_ONE_SHOT_H_
