// Flags gives all of our CLI11 options the same form: a unit, a default, an
// environment variable, and an error that names the expected value.
#ifndef PORTRAIT_SERVER_FLAGS_H_
#define PORTRAIT_SERVER_FLAGS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace portrait {

// Parses absl::ParseDuration's format, and days: "30d". Negative durations are
// refused.
bool ParseDays(absl::string_view text, absl::Duration* time);

// Thread-compatible. Borrows the app and every `value` until Parse has
// returned. The initial values are the defaults.
class Flags {
 public:
  // The names of environment variables begin with `prefix`, such as
  // "PORTRAIT_".
  Flags(CLI::App& app, std::string prefix)
      : app_(app), prefix_(std::move(prefix)) {}

  // Flags added from now on appear under this heading of --help.
  void Group(const std::string& heading) { group_ = heading; }

  // Adds the flag for the file that can set all other flags.
  void ConfigFile(const std::string& flag, const std::string& help);
  void Switch(const std::string& flag, bool* value, const std::string& help);
  CLI::Option* Text(const std::string& flag, const std::string& unit,
                    std::string* value, const std::string& help);
  void Count(const std::string& flag, const std::string& unit, int64_t least,
             int64_t most, size_t* value, const std::string& help);
  // Negative numbers are refused.
  void Number(const std::string& flag, const std::string& unit, double* value,
              const std::string& help);
  // In absl::ParseDuration's format; negative durations are refused.
  void Duration(const std::string& flag, absl::Duration* value,
                const std::string& help);
  // `parse` stores the value and returns whether `text` was valid; `expected`
  // is used in the error: "one of batch, none".
  void Parsed(const std::string& flag, const std::string& unit,
              const std::string& shown_default, const std::string& expected,
              std::function<bool(const std::string& text)> parse,
              const std::string& help);

  // Parses the environment, and then the command line, which takes precedence.
  //
  // Errors: INVALID_ARGUMENT. If `*text` is not empty, print it and exit.
  absl::Status Parse(int argc, const char* const* argv, std::string* text);

 private:
  void Finish(CLI::Option* option, const std::string& flag);

  CLI::App& app_;
  const std::string prefix_;
  std::string group_ = "Options";
  std::vector<std::string> names_;  // without dashes
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_FLAGS_H_
