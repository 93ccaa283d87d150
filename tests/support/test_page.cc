#include "tests/support/test_page.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

}  // namespace

TestPage::TestPage()
    : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  asio::co_spawn(io_, Accept(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

TestPage::~TestPage() {
  io_.stop();
  thread_.join();
}

std::string TestPage::url() const {
  return absl::StrCat("http://127.0.0.1:", acceptor_.local_endpoint().port(),
                      "/sw.js");
}

void TestPage::SetBody(const std::string& body) {
  SetAnswer(absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                         "\r\n\r\n", body));
}

void TestPage::SetAnswer(std::string answer) {
  absl::MutexLock lock(&mu_);
  answer_ = std::move(answer);
}

int TestPage::requests() const {
  absl::MutexLock lock(&mu_);
  return requests_;
}

std::string TestPage::last_request() const {
  absl::MutexLock lock(&mu_);
  return last_request_;
}

asio::awaitable<void> TestPage::Accept() {
  for (;;) {
    auto client = std::make_shared<tcp::socket>(
        co_await acceptor_.async_accept(use_awaitable));
    // If a client disconnects, its coroutine ends with an exception.
    asio::co_spawn(io_, Serve(std::move(client)), asio::detached);
  }
}

asio::awaitable<void> TestPage::Serve(SocketPtr client) {
  std::string request;
  co_await asio::async_read_until(*client, asio::dynamic_buffer(request),
                                  "\r\n\r\n", use_awaitable);
  std::string answer;
  {
    absl::MutexLock lock(&mu_);
    ++requests_;
    last_request_ = request;
    answer = answer_;
  }
  if (answer.empty()) {
    // Waits until the client gives up.
    co_await client->async_read_some(asio::buffer(request), use_awaitable);
  }
  co_await asio::async_write(*client, asio::buffer(answer), use_awaitable);
}

}  // namespace portrait
