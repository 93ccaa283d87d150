// The exit codes of `portrait`. Documented in --help.
#ifndef PORTRAIT_CLIENT_CLI_EXIT_CODE_H_
#define PORTRAIT_CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace portrait::cli {

enum class ExitCode : int {
  kOk = 0,
  kUsage = 1,        // bad arguments, input or output; see the message
  kSomeFailed = 2,   // done, but some contacts could not be looked up
  kUnreachable = 3,  // no server, or the connection could not be kept
  kRefused = 4,      // the server refused: token, permission, no account linked
  kInterrupted = 130,
  kBrokenPipe = 141,
};

inline constexpr char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0    done: every contact has its answer (invalid numbers: that they "
    "are)\n"
    "  1    wrong usage, input or output; the message says what\n"
    "  2    done, but some contacts could not be looked up: see their errors\n"
    "  3    the server cannot be reached, or was away for too long\n"
    "  4    the server refuses: token, permission, no WhatsApp account linked\n"
    "  130  interrupted\n"
    "  141  the output's reader has ended (as in: portrait … | head)";

// The exit code for a call that failed with `status`.
inline ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kSomeFailed;
    default:
      return ExitCode::kRefused;
  }
}

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_EXIT_CODE_H_
