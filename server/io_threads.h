// The threads that run all asynchronous work: sessions, timers.
#ifndef PORTRAIT_SERVER_IO_THREADS_H_
#define PORTRAIT_SERVER_IO_THREADS_H_

#include <cstddef>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace portrait {

// Thread-compatible. The io_context lives as long as this object; its threads
// run until Stop.
class IoThreads {
 public:
  explicit IoThreads(size_t threads)
      : context_(static_cast<int>(threads)), work_(context_.get_executor()) {
    for (size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { context_.run(); });
    }
  }
  ~IoThreads() { Stop(); }

  boost::asio::io_context& context() { return context_; }

  // Drops pending work. Idempotent.
  void Stop() {
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  boost::asio::io_context context_;
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  std::vector<std::thread> threads_;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IO_THREADS_H_
