// The output of the process: every line goes through the log, so that with
// --log-format json every line of standard output and standard error is JSON.
#ifndef PORTRAIT_SERVER_PROCESS_LOG_H_
#define PORTRAIT_SERVER_PROCESS_LOG_H_

#include "absl/status/status.h"
#include "core/base/log_format.h"

namespace portrait {

// Makes gRPC's own messages lines of the log. Call it after InitLogging and
// before the first use of gRPC.
void LogGrpcMessages();

// The format that the command line or PORTRAIT_LOG_FORMAT asks for, even if the
// rest of the settings is invalid. A settings file is not read.
LogFormat RequestedLogFormat(int argc, const char* const* argv);

// Prints why the process ends: "portraitd: MESSAGE", or a line of JSON.
void TellFailure(const absl::Status& status, LogFormat format);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_PROCESS_LOG_H_
