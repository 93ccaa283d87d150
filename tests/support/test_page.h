// TestPage is one page on a web server of its own, as a test says it is.
#ifndef PORTRAIT_TESTS_SUPPORT_TEST_PAGE_H_
#define PORTRAIT_TESTS_SUPPORT_TEST_PAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe. Serves on loopback, on a thread of its own, until it is
// destroyed.
class TestPage {
 public:
  TestPage();
  ~TestPage();

  std::string url() const;

  // An answer 200 with `body`.
  void SetBody(const std::string& body);
  // All that is said to a request; "": nothing ever.
  void SetAnswer(std::string answer);

  int requests() const;
  // The head of the last one.
  std::string last_request() const;

 private:
  using SocketPtr = std::shared_ptr<boost::asio::ip::tcp::socket>;

  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(SocketPtr client);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;

  mutable absl::Mutex mu_;
  std::string answer_ ABSL_GUARDED_BY(mu_);
  std::string last_request_ ABSL_GUARDED_BY(mu_);
  int requests_ ABSL_GUARDED_BY(mu_) = 0;

  std::thread thread_;  // the last: it uses the others
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TEST_PAGE_H_
