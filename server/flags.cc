#include "server/flags.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace portrait {
namespace {

constexpr int kHelpColumn = 42;

// "--data-dir" → "PORTRAIT_DATA_DIR".
std::string EnvironmentName(const std::string& prefix, absl::string_view name) {
  return absl::StrCat(
      prefix, absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}})));
}

}  // namespace

bool ParseDays(absl::string_view text, absl::Duration* time) {
  int days = 0;
  if (!absl::ConsumeSuffix(&text, "d")) {
    return absl::ParseDuration(std::string(text), time) &&
           *time >= absl::ZeroDuration();
  }
  if (!absl::SimpleAtoi(text, &days) || days < 0) return false;
  *time = days * absl::Hours(24);
  return true;
}

void Flags::Finish(CLI::Option* option, const std::string& flag) {
  const std::string name = flag.substr(2);
  option->envname(EnvironmentName(prefix_, name))
      ->group(group_)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  names_.push_back(name);
}

void Flags::ConfigFile(const std::string& flag, const std::string& help) {
  Finish(app_.set_config(flag, "", help)->type_name("FILE"), flag);
  // Unknown lines in the file are errors.
  app_.allow_config_extras(CLI::config_extras_mode::error);
}

void Flags::Switch(const std::string& flag, bool* value,
                   const std::string& help) {
  Finish(app_.add_flag(flag, *value, help), flag);
}

CLI::Option* Flags::Text(const std::string& flag, const std::string& unit,
                         std::string* value, const std::string& help) {
  CLI::Option* option = app_.add_option(flag, *value, help)->type_name(unit);
  if (!value->empty()) option->default_str(*value);
  Finish(option, flag);
  return option;
}

void Flags::Parsed(const std::string& flag, const std::string& unit,
                   const std::string& shown_default,
                   const std::string& expected,
                   std::function<bool(const std::string& text)> parse,
                   const std::string& help) {
  CLI::Option* option = app_.add_option_function<std::string>(
      flag,
      [flag, expected, parse = std::move(parse)](const std::string& text) {
        if (!parse(text)) {
          throw CLI::ValidationError(
              flag, absl::StrCat("expected ", expected, ", not '", text, "'"));
        }
      },
      help);
  option->type_name(unit);
  if (!shown_default.empty()) option->default_str(shown_default);
  Finish(option, flag);
}

void Flags::Count(const std::string& flag, const std::string& unit,
                  int64_t least, int64_t most, size_t* value,
                  const std::string& help) {
  Parsed(
      flag, unit, absl::StrCat(*value),
      absl::StrCat("a whole number from ", least, " to ", most),
      [=](const std::string& text) {
        int64_t number = 0;
        if (!absl::SimpleAtoi(text, &number)) return false;
        *value = static_cast<size_t>(number);
        return number >= least && number <= most;
      },
      help);
}

void Flags::Number(const std::string& flag, const std::string& unit,
                   double* value, const std::string& help) {
  constexpr double kMost = 1e6;
  Parsed(
      flag, unit, absl::StrCat(*value), "a number from 0 to 1000000",
      [value](const std::string& text) {
        return absl::SimpleAtod(text, value) && *value >= 0 && *value <= kMost;
      },
      help);
}

void Flags::Duration(const std::string& flag, absl::Duration* value,
                     const std::string& help) {
  Parsed(
      flag, "DURATION", absl::FormatDuration(*value),
      "a duration such as 250ms, 30s, 5m or 24h, not negative",
      [value](const std::string& text) {
        return absl::ParseDuration(text, value) &&
               *value >= absl::ZeroDuration();
      },
      help);
}

absl::Status Flags::Parse(int argc, const char* const* argv,
                          std::string* text) {
  app_.get_formatter()->column_width(kHelpColumn);
  std::vector<std::string> arguments;
  for (const std::string& name : names_) {
    const char* value = std::getenv(EnvironmentName(prefix_, name).c_str());
    if (value != nullptr && *value != '\0') {
      arguments.push_back(absl::StrCat("--", name, "=", value));
    }
  }
  arguments.insert(arguments.end(), argv + std::min(argc, 1), argv + argc);
  // CLI11 needs them in reverse.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::ParseError& e) {
    std::ostringstream out, err;
    const int exit_code = app_.exit(e, out, err);
    if (exit_code != 0) return absl::InvalidArgumentError(e.what());
    *text = out.str();
  }
  return absl::OkStatus();
}

}  // namespace portrait
