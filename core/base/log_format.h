// How log lines look: for people, or as JSON, one object a line.
//
//   LogInfo("rpc ended{}", LogFields({{"code", "OK"}, {"request_id", id}}));
//
//   2026-11-21T10:00:00.123+00:00 portraitd info rpc ended code=OK request_id=7
//   {"time":"2026-11-21T10:00:00.123Z","level":"info","program":"portraitd",
//    "message":"rpc ended","code":"OK","request_id":"7"}
#ifndef PORTRAIT_CORE_BASE_LOG_FORMAT_H_
#define PORTRAIT_CORE_BASE_LOG_FORMAT_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "spdlog/formatter.h"

namespace portrait {

enum class LogFormat { kText, kJson };

// Whether debug lines are logged. Ask before building an expensive message.
bool LogsDebug();

// Fields for the end of a log message. Names consist of a-z, 0-9 and '_';
// fields with an empty value are left out.
std::string LogFields(
    std::initializer_list<std::pair<absl::string_view, absl::string_view>>
        fields);

std::unique_ptr<spdlog::formatter> NewLogFormatter(LogFormat format);

// Sets the format of all later log lines of the process. Call it after
// InitLogging and before other threads start; not thread-safe.
void SetLogFormat(LogFormat format);
// Sets the level, with InitLogging's names, at any time. Thread-safe.
void SetLogLevel(const std::string& level);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_LOG_FORMAT_H_
