// Measures the fetching of images.
//
//   image_bench cdn --delay-ms 20 --bytes 40000       serves until its stdin
//   ends image_bench fetch --origin URL --images N --connections C
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio.hpp>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "core/image/cdn_fetcher.h"

namespace portrait::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// The requests that wait in the fetcher at a time.
constexpr int kWindow = 1000;

struct Flags {
  int delay_ms = 20, images = 10'000;
  size_t bytes = 40'000, connections = 16;
  std::string origin;
};

// Answers each request after the delay, as a distant server would.
asio::awaitable<void> Serve(tcp::socket socket, const std::string& answer,
                            std::chrono::milliseconds delay) {
  asio::steady_timer timer(socket.get_executor());
  std::string buffer;
  boost::system::error_code error;
  while (!error) {
    const size_t end = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(buffer), "\r\n\r\n",
        asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    buffer.erase(0, end);
    timer.expires_after(delay);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_await asio::async_write(
        socket, asio::buffer(answer),
        asio::redirect_error(asio::use_awaitable, error));
  }
}

asio::awaitable<void> Accept(tcp::acceptor& acceptor, const std::string& answer,
                             std::chrono::milliseconds delay) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(),
                   Serve(std::move(socket), answer, delay), asio::detached);
  }
}

int RunCdn(const Flags& flags) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  std::string body = "\xFF\xD8\xFF\xE0";
  body.resize(flags.bytes, 'x');
  const std::string answer = absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body);
  asio::co_spawn(
      io, Accept(acceptor, answer, std::chrono::milliseconds(flags.delay_ms)),
      asio::detached);
  std::cout << "{\"origin\": \"http://127.0.0.1:"
            << acceptor.local_endpoint().port() << "\"}" << std::endl;
  std::thread server([&io] { io.run(); });
  while (std::cin.get() != EOF) {
  }
  io.stop();
  server.join();
  return EXIT_SUCCESS;
}

// Keeps kWindow requests in the fetcher until all are answered.
int RunFetch(const Flags& flags) {
  CdnFetcherOptions options;
  options.extra_origin = flags.origin;
  options.connections = flags.connections;
  options.host_per_second = 0;
  absl::Mutex mu;
  int waiting = 0, fetched = 0, failed = 0;
  const auto may_add = [&]() { return waiting < kWindow; };
  const auto is_done = [&]() { return waiting == 0; };
  const absl::Time start = absl::Now();
  {
    CdnFetcher fetcher(options);
    for (int i = 0; i < flags.images; ++i) {
      {
        absl::MutexLock lock(&mu, absl::Condition(&may_add));
        ++waiting;
      }
      FetchRequest request;
      request.url = absl::StrCat(flags.origin, "/v/", i);
      request.done = [&](const FetchResult& result) {
        absl::MutexLock lock(&mu);
        --waiting;
        ++(result.outcome == FetchOutcome::kFetched ? fetched : failed);
      };
      fetcher.Fetch(std::move(request));
    }
    absl::MutexLock lock(&mu, absl::Condition(&is_done));
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << "{\"images\": " << fetched << ", \"failed\": " << failed
            << ", \"per_second\": " << fetched / seconds
            << ", \"peak_rss_kib\": " << usage.ru_maxrss << "}" << std::endl;
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int Main(int argc, char** argv) {
  CLI::App app("Measures the fetching of images");
  app.require_subcommand(1);
  Flags flags;
  CLI::App* const cdn = app.add_subcommand("cdn");
  cdn->add_option("--delay-ms", flags.delay_ms);
  cdn->add_option("--bytes", flags.bytes);
  CLI::App* const fetch = app.add_subcommand("fetch");
  fetch->add_option("--origin", flags.origin)->required();
  fetch->add_option("--images", flags.images);
  fetch->add_option("--connections", flags.connections);
  CLI11_PARSE(app, argc, argv);
  return cdn->parsed() ? RunCdn(flags) : RunFetch(flags);
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::Main(argc, argv); }
