// TestPage is a web server with one page, whose content the test sets.
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

// Thread-safe. Serves on loopback, on a separate thread, until it is destroyed.
class TestPage {
 public:
  TestPage();
  ~TestPage();

  std::string url() const;

  // Sets a response 200 with `body`.
  void SetBody(const std::string& body);
  // Sets the whole response to a request; "": there is never a response.
  void SetAnswer(std::string answer);

  int requests() const;
  // The header of the last request.
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

  std::thread thread_;  // last, because it uses the other members
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TEST_PAGE_H_
