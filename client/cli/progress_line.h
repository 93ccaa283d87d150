// The line on a terminal that shows the progress of an enrichment, redrawn in
// place a few times per second.
#ifndef PORTRAIT_CLIENT_CLI_PROGRESS_LINE_H_
#define PORTRAIT_CLIENT_CLI_PROGRESS_LINE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "client/bulk_enricher.h"

namespace portrait::cli {

// "1,234,567".
std::string WithCommas(uint64_t number);
// "0:07", "12:30", "3:05:00".
std::string ClockText(absl::Duration duration);

// Thread-compatible. Writes to standard error.
class ProgressLine {
 public:
  // `total` is the number of rows, if it is known.
  ProgressLine(bool enabled, std::optional<uint64_t> total)
      : enabled_(enabled), total_(total) {}
  ~ProgressLine() { Clear(); }

  void Draw(const client::BulkProgress& progress, absl::Time now);
  // Removes the line, so that other output can be written.
  void Clear();

  // The text that Draw shows on a terminal of `width` columns: the parts that
  // fit, the most important first.
  std::string Format(const client::BulkProgress& progress, absl::Time now,
                     size_t width);

 private:
  // Results per second over the last kRateWindow; nullopt before kFirstRate.
  std::optional<double> Rate(uint64_t completed, absl::Time now);
  // The time until all rows have results, from the server's own estimate for
  // the rows that it has; without one, from `rate`.
  std::optional<absl::Duration> Left(const client::BulkProgress& progress,
                                     std::optional<double> rate,
                                     absl::Time now) const;

  const bool enabled_;
  const std::optional<uint64_t> total_;
  bool drawn_ = false;
  std::deque<std::pair<absl::Time, uint64_t>> samples_;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_PROGRESS_LINE_H_
