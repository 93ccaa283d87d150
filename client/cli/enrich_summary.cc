#include "client/cli/enrich_summary.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/columns.h"
#include "client/cli/progress_line.h"

namespace portrait::cli {
namespace {

// In the order of the summary.
constexpr std::pair<const char*, const char*> kOutcomes[] = {
    {"available", "available"},
    {"unchanged", "unchanged"},
    {"hidden", "hidden"},
    {"not_set", "without a picture"},
    {"not_registered", "not on WhatsApp"},
    {"unknown", "unknown"},
    {"error", "failed"},
};

}  // namespace

void EnrichSummary::Add(const v1::EnrichResult& result) {
  ++rows_;
  ++outcomes_[OutcomeName(result)];
  const v1::Source source = result.profile_picture().source();
  if (source == v1::SOURCE_STORE) ++from_store_;
  if (source == v1::SOURCE_WHATSAPP) ++from_whatsapp_;
  if (!result.has_error()) return;
  ++failed_;
  const v1::ErrorReason reason = result.error().reason();
  if (reason != v1::ERROR_REASON_INVALID_CONTACT &&
      reason != v1::ERROR_REASON_SUPPRESSED &&
      reason != v1::ERROR_REASON_OWN_NUMBER) {
    ++not_looked_up_;
  }
  ++reasons_[absl::StrCat(ReasonName(reason),
                          result.error().has_retry_after() ? " (retry)" : "")];
}

std::string EnrichSummary::Format(const client::BulkProgress& progress,
                                  absl::Duration elapsed) const {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  std::string text =
      absl::StrCat(WithCommas(rows_), rows_ == 1 ? " row" : " rows", " in ",
                   ClockText(elapsed));
  if (seconds > 0 && rows_ > 0) {
    absl::StrAppend(&text, " (",
                    WithCommas(static_cast<uint64_t>(
                        static_cast<double>(rows_) / seconds + 0.5)),
                    "/s)");
  }
  const char* separator = ": ";
  for (const auto& [outcome, words] : kOutcomes) {
    const auto found = outcomes_.find(outcome);
    if (found == outcomes_.end()) continue;
    absl::StrAppend(&text, separator, WithCommas(found->second), " ", words);
    separator = ", ";
  }
  // An interrupted run has results that are not in its output.
  absl::StrAppend(&text, "\n", WithCommas(from_store_), " from the store, ",
                  WithCommas(from_whatsapp_), " from WhatsApp, ",
                  WithCommas(std::min(progress.changed, rows_)),
                  " new or changed");
  if (progress.reconnects > 0) {
    absl::StrAppend(
        &text, "; reconnected ", WithCommas(progress.reconnects),
        " times, items sent again: ", WithCommas(progress.sent_again));
  }
  if (failed_ > 0) {
    absl::StrAppend(&text, "\n", WithCommas(failed_), " failed");
    separator = ": ";
    for (const auto& [reason, count] : reasons_) {
      absl::StrAppend(&text, separator, WithCommas(count), " ", reason);
      separator = ", ";
    }
  }
  if (unsaved_images_ > 0) {
    absl::StrAppend(&text, "\n", WithCommas(unsaved_images_),
                    " pictures could not be saved; the column image_error says "
                    "why");
  }
  if (reasons_.count("NO_SESSION") > 0) {
    absl::StrAppend(&text, "\nlink a WhatsApp account: portrait session pair");
  }
  return absl::StrCat(text, "\n");
}

}  // namespace portrait::cli
