// ReportRun is the output of a run of `portrait enrich`, read back.
#ifndef PORTRAIT_CLIENT_CLI_REPORT_RUN_H_
#define PORTRAIT_CLIENT_CLI_REPORT_RUN_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// A browser needs about 2 kB of memory for a row.
inline constexpr size_t kMaxReportRows = 500'000;

// A value type.
struct ReportRun {
  std::string source;                // the file's name, without its folder
  std::vector<std::string> columns;  // the caller's and ours
  // Our columns without their prefix, such as "state", with their places.
  std::map<std::string, size_t> ours;
  // The caller's columns that seem to name the contact, and to have its number.
  std::vector<size_t> titles;
  std::vector<size_t> contacts;
  std::vector<std::vector<std::string>> rows;

  // A value of our column; empty if the run does not have the column.
  absl::string_view Value(size_t row, absl::string_view ours_name) const;
};

// Reads CSV or JSON Lines as `portrait enrich` writes them. URLs are left out:
// they stop working within days.
//
// Errors: INVALID_ARGUMENT if it is no such file or has too many rows, naming
// the file; those of InputBuffer.
absl::StatusOr<ReportRun> ReadReportRun(const std::string& path);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_REPORT_RUN_H_
