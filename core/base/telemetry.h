// Logging. Never hand it keys, tokens, picture URLs or message content; a
// phone number or JID goes through Masked() first.
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

// "+13105551234" or "13105551234@s.whatsapp.net" with all but the country's
// first and the last two digits starred: "+131******34".
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
