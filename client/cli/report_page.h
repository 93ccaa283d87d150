// Writes a run as one HTML page, which shows it without a network.
#ifndef PORTRAIT_CLIENT_CLI_REPORT_PAGE_H_
#define PORTRAIT_CLIENT_CLI_REPORT_PAGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cli/report_images.h"
#include "client/cli/report_run.h"

namespace portrait::cli {

// Thumbnails beyond this size are files beside the page, because a browser has
// to read the whole page before it shows anything.
inline constexpr size_t kMaxInlineBytes = size_t{12} * 1024 * 1024;

// The page; text of the run cannot become HTML. `addresses` has the address of
// each thumbnail: base64, or a file's name relative to the page.
std::string ReportPage(const ReportRun& run, const ReportImages& images,
                       const std::vector<std::string>& addresses,
                       absl::Time made);

// Writes the page to `path` and, if the thumbnails are too large, them to the
// folder PATH_files beside it.
//
// Errors: the system's, naming the file.
absl::Status WriteReport(const ReportRun& run, const ReportImages& images,
                         const std::string& path, absl::Time made);

struct ReportFlags {
  std::string run;     // the output of enrich
  std::string output;  // report.html
  std::string images;  // a folder; empty: no pictures
  size_t max_pictures = 10'000;
};

// Reads the run, writes its report and says so on standard error.
//
// Errors: those of ReadReportRun and WriteReport.
absl::Status MakeReport(const ReportFlags& flags);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_REPORT_PAGE_H_
