// Flags gives CLI11 options the shape that all of ours have: a unit, a default,
// an environment variable, and an error that says what was expected.
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

// Thread-compatible. Borrows the app and every `value` until it has parsed. The
// values' contents are the defaults.
class Flags {
 public:
  // Environment variables begin with `prefix`, "PORTRAIT_".
  Flags(CLI::App& app, std::string prefix)
      : app_(app), prefix_(std::move(prefix)) {}

  // Flags added from now on stand under this heading of --help.
  void Group(const std::string& heading) { group_ = heading; }

  // The flag that names a file with values for all the others.
  void ConfigFile(const std::string& flag, const std::string& help);
  void Switch(const std::string& flag, bool* value, const std::string& help);
  CLI::Option* Text(const std::string& flag, const std::string& unit,
                    std::string* value, const std::string& help);
  void Count(const std::string& flag, const std::string& unit, int64_t least,
             int64_t most, size_t* value, const std::string& help);
  // Not negative.
  void Number(const std::string& flag, const std::string& unit, double* value,
              const std::string& help);
  // Not negative; as absl::ParseDuration reads it.
  void Duration(const std::string& flag, absl::Duration* value,
                const std::string& help);
  // `parse` keeps the value and returns whether `text` was one; `expected` goes
  // into the error: "one of batch, none".
  void Parsed(const std::string& flag, const std::string& unit,
              const std::string& shown_default, const std::string& expected,
              std::function<bool(const std::string& text)> parse,
              const std::string& help);

  // The environment, then the command line, whose word is the last.
  //
  // Errors: INVALID_ARGUMENT. `*text` is what to print instead of going on.
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
