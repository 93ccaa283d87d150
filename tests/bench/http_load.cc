// Calls an HTTP server at the highest rate it accepts, and reports rate and
// latency.
//
//   http_load unary  --server H:P --callers 64 --seconds 3 …
//   http_load stream --server H:P --seconds 5 …
//
// As in load.cc, contacts are drawn from the first --contacts of the
// benchmark's, requests are made before the clock starts, and answers are only
// counted.
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/contacts.h"
#include "tests/bench/report.h"

namespace portrait::bench {
namespace {

constexpr size_t kReadyRequests = 10'000;
constexpr size_t kReadyChunks = 1'000;
constexpr size_t kItemsPerChunk = 500;
constexpr size_t kReceiveBytes = 1 << 16;

struct HttpFlags {
  std::string server, token;
  uint64_t contacts = 100'000;
  int callers = 1;
  double seconds = 3, warm_up = 1;
};

[[noreturn]] void HttpDie(const std::string& why) {
  std::cerr << "http_load: " << why << std::endl;
  std::_Exit(EXIT_FAILURE);
}

// A blocking connection.
class Client {
 public:
  explicit Client(const std::string& server) : buffer_(kReceiveBytes, '\0') {
    const size_t colon = server.rfind(':');
    addrinfo hints = {}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(server.substr(0, colon).c_str(),
                    server.substr(colon + 1).c_str(), &hints, &found) != 0) {
      HttpDie(absl::StrCat("no address: ", server));
    }
    socket_ = socket(found->ai_family, SOCK_STREAM, 0);
    if (connect(socket_, found->ai_addr, found->ai_addrlen) != 0) {
      HttpDie("cannot connect");
    }
    freeaddrinfo(found);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  ~Client() { close(socket_); }

  // Each returns false if the connection has ended.
  bool Send(absl::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent =
          send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(sent);
    }
    return true;
  }
  bool Receive(absl::string_view* bytes) {
    const ssize_t size = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (size <= 0) return false;
    *bytes = absl::string_view(buffer_.data(), size);
    return true;
  }
  void End() const { shutdown(socket_, SHUT_RDWR); }

 private:
  int socket_ = -1;
  std::string buffer_;
};

std::string HeadOf(const HttpFlags& flags, absl::string_view line) {
  return absl::StrCat(line, " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ",
                      flags.token, "\r\n");
}

// Receives one response with a Content-Length; it must be "200".
void ReceiveAnswer(Client& client, std::string* answer) {
  answer->clear();
  size_t size = std::string::npos;
  while (answer->size() < size) {
    absl::string_view piece;
    if (!client.Receive(&piece)) HttpDie("the connection ended");
    answer->append(piece.data(), piece.size());
    const size_t end = answer->find("\r\n\r\n");
    if (size != std::string::npos || end == std::string::npos) continue;
    if (!absl::StartsWith(*answer, "HTTP/1.1 200")) HttpDie(*answer);
    constexpr absl::string_view kLength = "Content-Length: ";
    const size_t length = answer->find(kLength.data(), 0, kLength.size());
    uint64_t body = 0;
    if (length == std::string::npos ||
        !absl::SimpleAtoi(answer->substr(length + kLength.size(),
                                         answer->find('\r', length) - length -
                                             kLength.size()),
                          &body)) {
      HttpDie("no Content-Length");
    }
    size = end + 4 + body;
  }
}

// Calls until `stopping`; measures from `measuring` on.
void Call(const HttpFlags& flags, uint32_t seed,
          const std::atomic<bool>& measuring, const std::atomic<bool>& stopping,
          std::vector<double>* latencies) {
  std::mt19937_64 random(seed);
  std::vector<std::string> requests;
  for (size_t i = 0; i < kReadyRequests; ++i) {
    requests.push_back(absl::StrCat(
        HeadOf(flags, absl::StrCat("GET /v1/profilePictures/+",
                                   Digits(random() % flags.contacts),
                                   "?maxAge=87600h")),
        "\r\n"));
  }
  Client client(flags.server);
  std::string answer;
  for (size_t i = 0; !stopping; ++i) {
    const absl::Time start = absl::Now();
    if (!client.Send(requests[i % requests.size()])) HttpDie("cannot send");
    ReceiveAnswer(client, &answer);
    if (measuring) {
      latencies->push_back(absl::ToDoubleMicroseconds(absl::Now() - start));
    }
  }
}

int HttpUnary(const HttpFlags& flags) {
  std::atomic<bool> measuring = false, stopping = false;
  std::vector<std::vector<double>> latencies(flags.callers);
  std::vector<std::thread> threads;
  for (int i = 0; i < flags.callers; ++i) {
    threads.emplace_back(
        [&, i] { Call(flags, i + 1, measuring, stopping, &latencies[i]); });
  }
  absl::SleepFor(absl::Seconds(flags.warm_up));
  measuring = true;
  const absl::Time start = absl::Now();
  absl::SleepFor(absl::Seconds(flags.seconds));
  stopping = true;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  for (std::thread& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& some : latencies) {
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  if (all.empty()) HttpDie("no call was answered");
  Report({{"per_second", static_cast<double>(all.size()) / seconds},
          {"p50_us", all[all.size() / 2]},
          {"p99_us", all[all.size() * 99 / 100]}});
  return EXIT_SUCCESS;
}

// Sends items without end, as chunks of lines.
void SendItems(const HttpFlags& flags, const Client& client) {
  std::mt19937_64 random(1);
  std::vector<std::string> chunks;
  for (size_t i = 0; i < kReadyChunks; ++i) {
    std::string lines;
    for (size_t j = 0; j < kItemsPerChunk; ++j) {
      absl::StrAppend(&lines, "{\"tag\":\"", j + 1, "\",\"contact\":\"+",
                      Digits(random() % flags.contacts), "\"}\n");
    }
    chunks.push_back(
        absl::StrCat(absl::Hex(lines.size()), "\r\n", lines, "\r\n"));
  }
  const bool sent = client.Send(absl::StrCat(
      HeadOf(flags, "POST /v1/profilePictures:enrich?maxAge=87600h"),
      "Transfer-Encoding: chunked\r\n\r\n"));
  for (size_t i = 0; sent && client.Send(chunks[i % chunks.size()]); ++i) {
  }
}

// Counts result lines, which end with "}\n"; chunks and the header do not.
void CountResults(Client& client, std::atomic<uint64_t>* results) {
  char last = 0;
  absl::string_view piece;
  bool is_first = true;
  while (client.Receive(&piece)) {
    if (is_first && !absl::StartsWith(piece, "HTTP/1.1 200")) {
      HttpDie(std::string(piece));
    }
    is_first = false;
    uint64_t found = 0;
    for (size_t at = piece.find('\n'); at != absl::string_view::npos;
         at = piece.find('\n', at + 1)) {
      found += (at == 0 ? last : piece[at - 1]) == '}';
    }
    last = piece.back();
    *results += found;
  }
}

int HttpStream(const HttpFlags& flags) {
  Client client(flags.server);
  std::atomic<uint64_t> results = 0;
  std::thread sender([&] { SendItems(flags, client); });
  std::thread receiver([&] { CountResults(client, &results); });
  // Preparing takes a while.
  while (results == 0) absl::SleepFor(absl::Milliseconds(10));
  absl::SleepFor(absl::Seconds(flags.warm_up));
  const uint64_t before = results;
  const absl::Time start = absl::Now();
  absl::SleepFor(absl::Seconds(flags.seconds));
  const uint64_t after = results;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  client.End();
  sender.join();
  receiver.join();
  Report({{"per_second", static_cast<double>(after - before) / seconds}});
  return EXIT_SUCCESS;
}

int HttpMain(int argc, char** argv) {
  HttpFlags flags;
  int (*run)(const HttpFlags&) = nullptr;
  CLI::App app("Calls an HTTP server as hard as it can.");
  app.require_subcommand(1);
  const auto add = [&](const char* name, int (*what)(const HttpFlags&)) {
    CLI::App* const command = app.add_subcommand(name);
    command->add_option("--server", flags.server)->required();
    command->add_option("--token", flags.token);
    command->add_option("--contacts", flags.contacts)
        ->check(CLI::Range(uint64_t{1}, kMaxContacts));
    command->add_option("--seconds", flags.seconds);
    command->add_option("--warm-up", flags.warm_up);
    command->callback([&run, what] { run = what; });
    return command;
  };
  add("unary", HttpUnary)->add_option("--callers", flags.callers);
  add("stream", HttpStream);
  CLI11_PARSE(app, argc, argv);
  return run(flags);
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) {
  return portrait::bench::HttpMain(argc, argv);
}
