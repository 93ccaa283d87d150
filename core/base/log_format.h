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

// Whether LogDebug says anything: to be asked before making what it would say.
bool LogsDebug();

// To be put at the end of a message. Names are of a-z, 0-9 and '_'; fields
// with an empty value are left out.
std::string LogFields(
    std::initializer_list<std::pair<absl::string_view, absl::string_view>>
        fields);

std::unique_ptr<spdlog::formatter> NewLogFormatter(LogFormat format);

// Lines of the process' log look so from now on; InitLogging comes before.
// Not thread-safe: at start, before anybody logs.
void SetLogFormat(LogFormat format);
// As of InitLogging, at any time. Thread-safe.
void SetLogLevel(const std::string& level);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_LOG_FORMAT_H_
