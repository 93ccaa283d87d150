// The files of client/cli/report, compiled in.
#ifndef PORTRAIT_CLIENT_CLI_REPORT_ASSETS_H_
#define PORTRAIT_CLIENT_CLI_REPORT_ASSETS_H_

#include "absl/strings/string_view.h"

namespace portrait::cli {

absl::string_view ReportHtml();  // with @NAMES@ to be replaced
absl::string_view ReportCss();
absl::string_view ReportScript();

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_REPORT_ASSETS_H_
