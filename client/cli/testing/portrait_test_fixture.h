// A fixture that runs the program as a user does, in a temporary folder.
#ifndef PORTRAIT_CLIENT_CLI_TESTING_PORTRAIT_TEST_FIXTURE_H_
#define PORTRAIT_CLIENT_CLI_TESTING_PORTRAIT_TEST_FIXTURE_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/testing/scripted_server.h"
#include "tests/support/temporary_folder.h"

namespace portrait::cli {

inline std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

struct Ended {
  int exit_code = -1;
  std::string out;
  std::string err;
};

class PortraitTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) {
    return folder_.path() + "/" + name;
  }

  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

  // Writes a list of the numbers +10000, +10001, … with names.
  std::string WriteList(int rows) {
    std::string text = "name,phone\n";
    for (int i = 0; i < rows; ++i) {
      absl::StrAppend(&text, "n", i, ",+491511", 1'010'000 + i, "\n");
    }
    return Write("list.csv", text);
  }

  // Starts the program; the file `input` is its standard input.
  pid_t Start(std::vector<std::string> arguments,
              const std::string& input = "/dev/null",
              rlim_t most_file_bytes = RLIM_INFINITY) {
    arguments.insert(arguments.begin(), PORTRAIT_BINARY);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::string home = "HOME=" + folder_.path();
    const char* environment[] = {home.c_str(), nullptr};
    const std::string out = Path("stdout");
    const std::string err = Path("stderr");
    const pid_t pid = fork();
    if (pid != 0) return pid;
    const rlimit limit = {most_file_bytes, most_file_bytes};
    if (most_file_bytes != RLIM_INFINITY) {
      signal(SIGXFSZ, SIG_IGN);
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (freopen(input.c_str(), "r", stdin) == nullptr ||
        freopen(out.c_str(), "w", stdout) == nullptr ||
        freopen(err.c_str(), "w", stderr) == nullptr) {
      _exit(99);
    }
    execve(PORTRAIT_BINARY, argv.data(), const_cast<char* const*>(environment));
    _exit(98);
  }

  Ended Wait(pid_t pid) {
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
            ReadAll(Path("stdout")), ReadAll(Path("stderr"))};
  }

  Ended Run(std::vector<std::string> arguments,
            const std::string& input = "/dev/null") {
    return Wait(Start(std::move(arguments), input));
  }

  // Runs the program with --server.
  Ended RunWith(const client::ScriptedServer& server,
                std::vector<std::string> arguments,
                const std::string& input = "/dev/null") {
    arguments.insert(arguments.end(), {"--server", server.address()});
    return Run(std::move(arguments), input);
  }

  const TemporaryFolder folder_;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_TESTING_PORTRAIT_TEST_FIXTURE_H_
