// Logging. Never log keys, tokens, picture URLs or message content; pass phone
// numbers and JIDs through Masked() first.
//
//   LogInfo("session {}: connected", name);
#ifndef PORTRAIT_CORE_BASE_TELEMETRY_H_
#define PORTRAIT_CORE_BASE_TELEMETRY_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "spdlog/spdlog.h"

namespace portrait {

// Sets up the process' log on standard error. `level` is one of trace, debug,
// info, warning, error, off; anything else means info.
void InitLogging(const std::string& program, const std::string& level);

// Masks "+13105551234" or "13105551234@s.whatsapp.net" except for the first
// digits of the country code and the last two digits: "+131******34".
std::string Masked(absl::string_view contact);

template <typename... Args>
void LogDebug(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::debug(format, std::forward<Args>(args)...);
}
template <typename... Args>
void LogInfo(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::info(format, std::forward<Args>(args)...);
}
template <typename... Args>
void LogWarning(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::warn(format, std::forward<Args>(args)...);
}
template <typename... Args>
void LogError(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::error(format, std::forward<Args>(args)...);
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_TELEMETRY_H_
