#include "client/cli/progress_line.h"

#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/terminal_size.h"
#include "client/cli/text_table.h"
#include "client/cli/trouble_text.h"

namespace portrait::cli {
namespace {

constexpr absl::Duration kRateWindow = absl::Seconds(10);

size_t TerminalWidth() {
  return TerminalSizeOf(STDERR_FILENO).value_or(TerminalSize()).columns;
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

double ProgressLine::Rate(uint64_t completed, absl::Time now) {
  samples_.emplace_back(now, completed);
  while (samples_.size() > 2 && now - samples_.front().first > kRateWindow) {
    samples_.pop_front();
  }
  const auto& [since, before] = samples_.front();
  const double seconds = absl::ToDoubleSeconds(now - since);
  return seconds > 0 ? static_cast<double>(completed - before) / seconds : 0;
}

std::string ProgressLine::Format(const client::BulkProgress& progress,
                                 absl::Time now) {
  std::string line = WithCommas(progress.completed);
  if (total_.has_value()) absl::StrAppend(&line, "/", WithCommas(*total_));
  const double rate = Rate(progress.completed, now);
  // A terminal may cut off the end, so the most important text comes first.
  if (!progress.trouble.ok()) {
    return absl::StrCat(
        line, "  no server, trying again: ", TroubleText(progress.trouble));
  }
  if (progress.server.has_value() && progress.server->sessions_ready() == 0 &&
      progress.server->received() > progress.server->completed()) {
    return absl::StrCat(line, "  no WhatsApp account ready, waiting");
  }
  absl::StrAppend(&line, "  ", WithCommas(static_cast<uint64_t>(rate + 0.5)),
                  "/s");
  if (total_.has_value() && rate > 0 && progress.completed < *total_) {
    const double left = static_cast<double>(*total_ - progress.completed);
    absl::StrAppend(&line, "  ", ClockText(absl::Seconds(left / rate)),
                    " left");
  }
  absl::StrAppend(&line, "  store ", WithCommas(progress.from_store),
                  "  WhatsApp ", WithCommas(progress.from_whatsapp),
                  "  failed ", WithCommas(progress.failed), "  changed ",
                  WithCommas(progress.changed));
  return line;
}

void ProgressLine::Draw(const client::BulkProgress& progress, absl::Time now) {
  if (!enabled_) return;
  // The last column stays empty: some terminals wrap a line that fills it.
  const std::string line =
      AlignRow({TerminalWidth() - 1, 0}, {Format(progress, now), ""});
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
