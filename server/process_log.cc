#include "server/process_log.h"

#include <grpc/support/log.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

void LogGrpcMessage(gpr_log_func_args* message) {
  switch (message->severity) {
    case GPR_LOG_SEVERITY_ERROR:
      // Most are about a single connection, which the server survives.
      LogWarning("gRPC: {}", message->message);
      break;
    case GPR_LOG_SEVERITY_INFO:
      LogInfo("gRPC: {}", message->message);
      break;
    case GPR_LOG_SEVERITY_DEBUG:
      LogDebug("gRPC: {}", message->message);
      break;
  }
}

}  // namespace

void LogGrpcMessages() { gpr_set_log_function(&LogGrpcMessage); }

LogFormat RequestedLogFormat(int argc, const char* const* argv) {
  const char* environment = std::getenv("PORTRAIT_LOG_FORMAT");
  std::string format = environment == nullptr ? "" : environment;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--log-format" && i + 1 < argc) {
      format = argv[i + 1];
    } else if (absl::ConsumePrefix(&argument, "--log-format=")) {
      format = std::string(argument);
    }
  }
  return format == "json" ? LogFormat::kJson : LogFormat::kText;
}

void TellFailure(const absl::Status& status, LogFormat format) {
  if (format == LogFormat::kJson) {
    LogError("{}", std::string(status.message()));
    return;
  }
  std::fprintf(stderr, "portraitd: %s\n",
               std::string(status.message()).c_str());
}

}  // namespace portrait
