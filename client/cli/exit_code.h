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
    "  0    success: every contact has a result; the result of an invalid "
    "number\n"
    "       is the error INVALID_CONTACT\n"
    "  1    invalid arguments, input or output; the message names the problem\n"
    "  2    finished, but some contacts could not be looked up; their errors "
    "say why\n"
    "  3    the server is unreachable, or was unreachable for too long\n"
    "  4    the server refused: token, permission, or no WhatsApp account "
    "linked\n"
    "  130  interrupted\n"
    "  141  the reader of the output closed it (as in: portrait … | head)";

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
