#include "core/base/telemetry.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/logging.h"
#include "spdlog/sinks/stdout_color_sinks.h"

namespace portrait {
namespace {

// libprotobuf writes parse errors to standard error by default, even if an
// unauthenticated caller sent the invalid text. Our code reports its parse
// errors itself.
void LogOfProtobuf(google::protobuf::LogLevel level, const char* /*file*/,
                   int /*line*/, const std::string& message) {
  if (level == google::protobuf::LOGLEVEL_FATAL) {
    LogError("protobuf: {}", message);
  } else {
    LogDebug("protobuf: {}", message);
  }
}

}  // namespace

void InitLogging(const std::string& program, const std::string& level) {
  auto logger = spdlog::get(program);
  if (logger == nullptr) logger = spdlog::stderr_color_mt(program);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %n %^%l%$ %v");
  spdlog::set_default_logger(logger);
  spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  // from_str returns "off" for an unknown level.
  if (parsed == spdlog::level::off && level != "off") {
    parsed = spdlog::level::info;
  }
  spdlog::set_level(parsed);
  spdlog::flush_on(spdlog::level::warn);
  google::protobuf::SetLogHandler(&LogOfProtobuf);
}

std::string Masked(absl::string_view contact) {
  constexpr int kShownFirst = 3;
  constexpr int kShownLast = 2;
  // The server and device parts of a JID are not secret and stay readable.
  const size_t end = std::min(contact.find_first_of(":@"), contact.size());
  const absl::string_view user = contact.substr(0, end);
  const auto is_digit = [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  };
  const auto digits = std::count_if(user.begin(), user.end(), is_digit);
  std::string masked;
  int seen = 0;
  for (const char c : user) {
    if (is_digit(c)) {
      ++seen;
      const bool shown = seen <= kShownFirst || seen > digits - kShownLast;
      masked.push_back(shown && digits > kShownFirst + kShownLast ? c : '*');
    } else {
      masked.push_back(c == '+' || c == '-' ? c : '*');
    }
  }
  absl::StrAppend(&masked, contact.substr(end));
  return masked;
}

}  // namespace portrait
