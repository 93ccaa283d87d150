#include "core/store/tie_batch.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/base/status_macros.h"
#include "core/store/ties.h"

namespace portrait {

using store::v1::ContactRecord;

absl::StatusOr<std::vector<std::string>> AddressesOf(ContactSource& source,
                                                     absl::string_view jid) {
  std::vector<std::string> jids = {std::string(jid)};
  ASSIGN_OR_RETURN(std::vector<std::string> counterparts,
                   source.ReadCounterparts({jid}));
  if (!counterparts[0].empty()) jids.push_back(std::move(counterparts[0]));
  return jids;
}

absl::StatusOr<std::vector<ContactRecord>> MergeTies(
    ContactSource& source, absl::Span<const ContactTie> ties) {
  std::vector<absl::string_view> keys;
  absl::flat_hash_map<absl::string_view, size_t> place;  // in `keys`
  for (const ContactTie& tie : ties) {
    if (place.try_emplace(tie.jid, keys.size()).second) {
      keys.push_back(tie.jid);
    }
  }
  ASSIGN_OR_RETURN(auto records, source.ReadRecords(keys));
  std::vector<bool> is_new(keys.size());
  for (const ContactTie& tie : ties) {
    const size_t at = place[tie.jid];
    if (!records[at].has_value() ||
        source.ForgottenAt(tie.jid, tie.tenant).count > tie.forget_count) {
      continue;
    }
    if (AddTie(tie.tenant, tie.asked_at, *records[at])) is_new[at] = true;
  }
  std::vector<ContactRecord> puts;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (is_new[i]) puts.push_back(*std::move(records[i]));
  }
  return puts;
}

absl::StatusOr<UntieEffects> MergeUntie(
    ContactSource& source, absl::Span<const absl::string_view> jids,
    uint32_t tenant, bool erase_untied) {
  ASSIGN_OR_RETURN(auto records, source.ReadRecords(jids));
  UntieEffects effects;
  bool is_stored = false, is_kept = false;
  for (auto& record : records) {
    if (!record.has_value()) continue;
    is_stored = true;
    const bool was_tied = RemoveTie(tenant, *record);
    effects.was_tied |= was_tied;
    const bool has_ties = record->ties_size() > 0;
    is_kept |= has_ties || (!was_tied && !erase_untied);
    if (was_tied && has_ties) effects.puts.push_back(*std::move(record));
  }
  effects.is_erased = is_stored && !is_kept;
  return effects;
}

}  // namespace portrait
