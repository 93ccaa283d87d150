// A bare Beast server, to measure the machine's upper limit for HTTP: a GET
// gets the content of --answer, each line of a POST's body the content of
// --line. Both are what portraitd answers, header included.
//
//   http_raw_server --answer FILE --line FILE
//
// It prints its address once it serves, and ends when its standard input ends.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace portrait::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Parser = beast::http::request_parser<beast::http::buffer_body>;

constexpr size_t kPieceBytes = 1 << 16;

struct Answers {
  std::string answer, line;
};

// Answers each line of the body as soon as it has been read.
asio::awaitable<void> AnswerLines(tcp::socket& socket, Parser& parser,
                                  beast::flat_buffer& buffer,
                                  const Answers& answers) {
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
  std::vector<char> piece(kPieceBytes);
  std::string lines;
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    boost::system::error_code ec;
    co_await beast::http::async_read_some(
        socket, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
    if (ec && ec != beast::http::error::need_buffer) co_return;
    const size_t read = piece.size() - parser.get().body().size;
    const auto count = std::count(piece.begin(), piece.begin() + read, '\n');
    if (count == 0) continue;
    lines.clear();
    absl::StrAppend(&lines, absl::Hex(answers.line.size() * count), "\r\n");
    for (auto i = count; i > 0; --i) lines += answers.line;
    lines += "\r\n";
    co_await asio::async_write(socket, asio::buffer(lines),
                               asio::use_awaitable);
  }
}

asio::awaitable<void> Serve(tcp::socket socket, const Answers& answers) {
  socket.set_option(tcp::no_delay(true));
  beast::flat_buffer buffer;
  try {
    while (true) {
      Parser parser;
      parser.body_limit(std::numeric_limits<uint64_t>::max());
      co_await beast::http::async_read_header(socket, buffer, parser,
                                              asio::use_awaitable);
      if (parser.get().method() == beast::http::verb::post) {
        co_await AnswerLines(socket, parser, buffer, answers);
        co_return;
      }
      co_await asio::async_write(socket, asio::buffer(answers.answer),
                                 asio::use_awaitable);
    }
  } catch (const boost::system::system_error&) {
    // The caller has disconnected.
  }
}

asio::awaitable<void> Accept(asio::io_context& io, tcp::acceptor& acceptor,
                             const Answers& answers) {
  while (true) {
    tcp::socket socket(asio::make_strand(io));
    co_await acceptor.async_accept(socket, asio::use_awaitable);
    const auto executor = socket.get_executor();
    asio::co_spawn(executor, Serve(std::move(socket), answers), asio::detached);
  }
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int RawMain(int argc, char** argv) {
  std::string answer, line;
  CLI::App app("An HTTP server that does nothing of its own.");
  app.add_option("--answer", answer)->required();
  app.add_option("--line", line)->required();
  CLI11_PARSE(app, argc, argv);
  const Answers answers{ContentOf(answer), ContentOf(line)};

  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  asio::co_spawn(io, Accept(io, acceptor, answers), asio::detached);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&io] { io.run(); });
  }
  std::cout << "127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  io.stop();
  for (std::thread& thread : threads) thread.join();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::RawMain(argc, argv); }
