#include "client/cli/complain.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/clean_cell.h"
#include "client/cli/trouble_text.h"

namespace portrait::cli {

void Complain(absl::string_view message) {
  absl::FPrintF(stderr, "portrait: %s\n", CleanCell(message));
}

ExitCode Complain(const absl::Status& status,
                  const client::PortraitClient& client) {
  const absl::string_view message = status.message();
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (IsUnreachable(status)) {
        Complain(absl::StrCat("cannot reach a server at ", client.server(),
                              ": ", TroubleText(status), ". ",
                              TroubleHint(status)));
        break;
      }
      Complain(absl::StrCat("the server at ", client.server(), ": ", message));
      break;
    case absl::StatusCode::kUnauthenticated:
      Complain(
          absl::StrCat("the server at ", client.server(),
                       " does not accept the token: ", message,
                       ". Pass a token with --token-file or PORTRAIT_TOKEN, or "
                       "the server's data folder with --data-dir"));
      break;
    case absl::StatusCode::kUnimplemented:
      Complain(absl::StrCat("the server at ", client.server(),
                            " does not support this call: ", message));
      break;
    default:
      Complain(message);
  }
  return ExitCodeOf(status);
}

ExitCode ComplainOutput(const absl::Status& status) {
  if (absl::IsAborted(status)) return ExitCode::kBrokenPipe;
  Complain(status.message());
  return ExitCode::kUsage;
}

}  // namespace portrait::cli
