#include "client/cli/list_summary.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/progress_line.h"
#include "core/contact/contact.h"

namespace portrait::cli {

int64_t ListSummary::Add(const InputRow& row) {
  ++rows_;
  if (!row.refusal.empty()) {
    ++refused_;
    Refused& kind = kinds_[absl::StrReplaceAll(row.refusal_kind, {{"_", " "}})];
    if (kind.rows++ == 0) kind.first_line = row.line;
    return 0;
  }
  // Both spellings of a number are the same contact.
  const absl::StatusOr<Contact> contact = ParseContact(row.asked);
  if (!contact.ok()) return 0;
  const auto [first, is_new] =
      first_lines_.try_emplace(contact->PartitionKey(), row.line);
  if (is_new) return 0;
  ++duplicates_;
  return first->second;
}

std::string ListSummary::Format() const {
  std::string text =
      absl::StrCat(WithCommas(rows_), rows_ == 1 ? " row: " : " rows: ",
                   WithCommas(rows_ - refused_), " to look up");
  if (duplicates_ > 0) {
    absl::StrAppend(&text, ", ", WithCommas(duplicates_),
                    " of them duplicates");
  }
  absl::StrAppend(&text, "; ", WithCommas(refused_), " refused\n");
  const char* separator = "refused: ";
  for (const auto& [kind, refused] : kinds_) {
    absl::StrAppend(&text, separator, WithCommas(refused.rows), " ", kind,
                    " (first in line ", refused.first_line, ")");
    separator = ", ";
  }
  if (!kinds_.empty()) text.push_back('\n');
  return text;
}

}  // namespace portrait::cli
