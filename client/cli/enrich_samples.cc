#include "client/cli/enrich_samples.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/string_view.h"
#include "client/cli/columns.h"
#include "client/cli/text_table.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kOutcomesInOrder[] = {
    "available",      "unchanged", "hidden", "not_set",
    "not_registered", "unknown",   "error"};

}  // namespace

EnrichSamples::Kind EnrichSamples::KindOf(const v1::EnrichResult& result) {
  const auto place = std::find(std::begin(kOutcomesInOrder),
                               std::end(kOutcomesInOrder), OutcomeName(result));
  return {place - std::begin(kOutcomesInOrder),
          result.profile_picture().is_business(), result.error().reason()};
}

void EnrichSamples::Add(const std::string& contact,
                        const v1::EnrichResult& result) {
  if (per_kind_ == 0) return;
  std::vector<std::vector<std::string>>& kept = rows_[KindOf(result)];
  if (kept.size() >= per_kind_) return;
  const v1::ProfilePicture& picture = result.profile_picture();
  kept.push_back(
      {contact,
       picture.phone_number().empty() ? picture.jid() : picture.phone_number(),
       OutcomeName(result), picture.id(), picture.name(), NoteOf(result)});
}

std::string EnrichSamples::Format(size_t limit) const {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [kind, kept] : rows_) {
    rows.insert(rows.end(), kept.begin(), kept.end());
  }
  if (rows.empty()) return "";
  return AlignTable({{"CONTACT", 0, /*whole=*/false, 0},
                     {"ADDRESS", 0, /*whole=*/false, 3},
                     {"STATE", 0, /*whole=*/true, 0},
                     {"PICTURE ID", 0, /*whole=*/false, 4},
                     {"NAME", 0, /*whole=*/false, 2},
                     {"NOTE", 0, /*whole=*/false, 1}},
                    rows, limit);
}

}  // namespace portrait::cli
