#include "client/cli/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/terminal_size.h"
#include "client/cli/text_table.h"
#include "client/cli/trouble_text.h"
#include "google/protobuf/duration.pb.h"

namespace portrait::cli {
namespace {

constexpr absl::Duration kRateWindow = absl::Seconds(10);

// No rate is shown before this time has passed, because a rate measured over a
// few milliseconds is meaningless.
constexpr absl::Duration kFirstRate = absl::Seconds(1);

size_t TerminalWidth() {
  return TerminalSizeOf(STDERR_FILENO).value_or(TerminalSize()).columns;
}

// "0.4/s", "12/s".
std::string RateText(double rate) {
  if (rate > 0 && rate < 9.95) return absl::StrFormat("%.1f/s", rate);
  return absl::StrCat(WithCommas(static_cast<uint64_t>(rate + 0.5)), "/s");
}

}  // namespace

std::string WithCommas(uint64_t number) {
  std::string text = absl::StrCat(number);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string ClockText(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 3600) {
    return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                         seconds % 60);
}

std::optional<double> ProgressLine::Rate(uint64_t completed, absl::Time now) {
  samples_.emplace_back(now, completed);
  while (samples_.size() > 2 && now - samples_.front().first > kRateWindow) {
    samples_.pop_front();
  }
  const auto& [since, before] = samples_.front();
  if (now - since < kFirstRate) return std::nullopt;
  return static_cast<double>(completed - before) /
         absl::ToDoubleSeconds(now - since);
}

std::optional<absl::Duration> ProgressLine::Left(
    const client::BulkProgress& progress, std::optional<double> rate,
    absl::Time now) const {
  if (!total_.has_value() || progress.completed >= *total_) return std::nullopt;
  const double rows = static_cast<double>(*total_ - progress.completed);
  const v1::EnrichProgress& server =
      progress.server.value_or(v1::EnrichProgress());
  if (server.has_estimated_remaining() &&
      server.received() > server.completed()) {
    const google::protobuf::Duration& estimate = server.estimated_remaining();
    const double with_server =
        static_cast<double>(server.received() - server.completed());
    const absl::Duration left = (absl::Seconds(estimate.seconds()) +
                                 absl::Nanoseconds(estimate.nanos())) *
                                (rows / with_server);
    return std::max(left - (now - progress.server_time), absl::ZeroDuration());
  }
  if (!rate.has_value() || *rate <= 0) return std::nullopt;
  return absl::Seconds(rows / *rate);
}

std::string ProgressLine::Format(const client::BulkProgress& progress,
                                 absl::Time now, size_t width) {
  std::string line = WithCommas(progress.completed);
  if (total_.has_value()) absl::StrAppend(&line, "/", WithCommas(*total_));
  const std::optional<double> rate = Rate(progress.completed, now);
  if (!progress.trouble.ok()) {
    return absl::StrCat(
        line, "  no server, retrying: ", TroubleText(progress.trouble));
  }
  if (progress.server.has_value() && progress.server->sessions_ready() == 0 &&
      progress.server->received() > progress.server->completed()) {
    return absl::StrCat(line, "  waiting: no WhatsApp account is ready");
  }
  std::vector<std::string> parts;
  if (rate.has_value()) parts.push_back(RateText(*rate));
  if (const auto left = Left(progress, rate, now); left.has_value()) {
    parts.push_back(
        absl::StrCat(ClockText(absl::Ceil(*left, absl::Seconds(1))), " left"));
  }
  parts.push_back(absl::StrCat("store ", WithCommas(progress.from_store)));
  parts.push_back(
      absl::StrCat("WhatsApp ", WithCommas(progress.from_whatsapp)));
  parts.push_back(absl::StrCat("failed ", WithCommas(progress.failed)));
  parts.push_back(absl::StrCat("changed ", WithCommas(progress.changed)));
  for (const std::string& part : parts) {
    if (line.size() + 2 + part.size() > width) break;
    absl::StrAppend(&line, "  ", part);
  }
  return line;
}

void ProgressLine::Draw(const client::BulkProgress& progress, absl::Time now) {
  if (!enabled_) return;
  // The last column stays empty: some terminals wrap a line that fills it.
  const size_t width = TerminalWidth() - 1;
  const std::string line =
      AlignRow({width, 0}, {Format(progress, now, width), ""});
  absl::FPrintF(stderr, "\r%s\033[K", line.substr(0, line.size() - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  absl::FPrintF(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace portrait::cli
