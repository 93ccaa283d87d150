#include "core/cluster/testing/kafka_environment.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"

namespace portrait::cluster {
namespace {

constexpr int kSkipped = 77;
constexpr char kKey[] = "01234567890123456789012345678901";

KafkaEnvironment* environment = nullptr;

// "…\"brokers\": \"127.0.0.1:1,127.0.0.1:2\"…"
std::string BrokersIn(const std::string& line) {
  const std::string name = "\"brokers\": \"";
  const size_t start = line.find(name);
  if (start == std::string::npos) return "";
  const size_t begin = start + name.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

KafkaEnvironment& KafkaEnvironment::Get() { return *environment; }

void KafkaEnvironment::SetUp() {
  environment = this;
  int to[2] = {}, from[2] = {};
  ASSERT_EQ(pipe2(to, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(from, O_CLOEXEC), 0);
  process_ = fork();
  ASSERT_GE(process_, 0);
  if (process_ == 0) {
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    execl("/usr/bin/env", "env", "python3", KAFKA_SCRIPT, "--jars", KAFKA_JARS,
          nullptr);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  to_ = to[1];
  from_ = from[0];
  std::signal(SIGPIPE, SIG_IGN);
  brokers_ = BrokersIn(ReadLine());
  if (is_running()) return;
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kSkipped) {
    std::fprintf(stderr, "SKIPPED: no test of a cluster has run\n");
    std::exit(kSkipped);
  }
  FAIL() << "Kafka has not started";
}

void KafkaEnvironment::TearDown() {
  if (to_ >= 0) close(to_);
  if (process_ > 0) waitpid(process_, nullptr, 0);
  if (from_ >= 0) close(from_);
}

std::string KafkaEnvironment::ReadLine() {
  std::string line;
  char c = 0;
  while (read(from_, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

void KafkaEnvironment::Do(const std::string& command) {
  const std::string line = command + "\n";
  ASSERT_EQ(write(to_, line.data(), line.size()),
            static_cast<ssize_t>(line.size()));
  ASSERT_EQ(ReadLine(), "ok") << command;
}

ClusterOptions KafkaEnvironment::NewCluster(uint32_t partitions) const {
  static std::atomic<int> made = 0;
  ClusterOptions options;
  options.brokers = brokers_;
  options.name = absl::StrCat("test", getpid(), "-", ++made);
  options.node = "n1";
  options.partitions = partitions;
  options.key = Secret(absl::string_view(kKey));
  options.session_timeout = absl::Seconds(3);
  options.start_timeout = absl::Seconds(60);
  return options;
}

}  // namespace portrait::cluster
