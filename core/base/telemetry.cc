#include "core/base/telemetry.h"

#include <cctype>
#include <memory>

#include "spdlog/sinks/stdout_color_sinks.h"

namespace portrait {

void InitLogging(const std::string& program, const std::string& level) {
  auto logger = spdlog::get(program);
  if (logger == nullptr) logger = spdlog::stderr_color_mt(program);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %n %^%l%$ %v");
  spdlog::set_default_logger(logger);
  spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  // from_str answers "off" for what it does not know.
  if (parsed == spdlog::level::off && level != "off") {
    parsed = spdlog::level::info;
  }
  spdlog::set_level(parsed);
  spdlog::flush_on(spdlog::level::warn);
}

std::string Masked(absl::string_view contact) {
  constexpr int kShownFirst = 3;
  constexpr int kShownLast = 2;
  int digits = 0;
  for (char c : contact.substr(0, contact.find('@'))) {
    if (std::isdigit(static_cast<unsigned char>(c))) ++digits;
  }
  std::string masked;
  int seen = 0;
  for (char c : contact.substr(0, contact.find('@'))) {
    if (std::isdigit(static_cast<unsigned char>(c))) {
      ++seen;
      const bool shown = seen <= kShownFirst || seen > digits - kShownLast;
      masked.push_back(shown && digits > kShownFirst + kShownLast ? c : '*');
    } else {
      masked.push_back(c == '+' || c == '-' ? c : '*');
    }
  }
  const size_t at = contact.find('@');
  if (at != absl::string_view::npos) {
    masked.append(contact.data() + at, contact.size() - at);
  }
  return masked;
}

}  // namespace portrait
