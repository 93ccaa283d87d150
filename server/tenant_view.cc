#include "server/tenant_view.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "core/base/status_macros.h"

namespace portrait {

TenantView TenantView::Of(const Principal& caller, bool isolates_tenants) {
  const bool is_admin = caller.rights.Has(v1::RIGHT_ADMIN);
  TenantView view;
  view.tenant = caller.tenant_number;
  view.is_isolated = isolates_tenants && !is_admin;
  view.sees_all =
      is_admin || (!isolates_tenants && caller.rights.Has(v1::RIGHT_WATCH_ALL));
  view.erases_all = is_admin;
  // Tokens that were created before ties existed have this right, and can still
  // erase the same contacts.
  view.erases_untied = caller.rights.Has(v1::RIGHT_OBJECT);
  return view;
}

std::optional<absl::Time> TenantView::ShownAfter(
    const RecordView* record) const {
  if (sees_all) return absl::InfinitePast();
  if (record == nullptr) return std::nullopt;
  const std::optional<store::v1::Tie> tie = record->FindTie(tenant);
  if (!tie.has_value()) return std::nullopt;
  return is_isolated ? absl::FromUnixMicros(tie->ask_micros())
                     : absl::InfinitePast();
}

absl::Status KeepShown(PictureStore& store, const TenantView& view,
                       std::vector<Change>* changes) {
  if (view.sees_all || changes->empty()) return absl::OkStatus();
  std::vector<absl::string_view> jids;
  absl::flat_hash_map<absl::string_view, size_t> place;  // in `jids`
  for (const Change& change : *changes) {
    if (place.try_emplace(change.jid, jids.size()).second) {
      jids.push_back(change.jid);
    }
  }
  std::vector<std::optional<absl::Time>> shown_after(jids.size());
  RETURN_IF_ERROR(store.Peek(jids, [&](size_t i, const StoredView& stored) {
    shown_after[i] = view.ShownAfter(stored.record);
  }));
  const auto is_hidden = [&](const Change& change) {
    const std::optional<absl::Time>& after = shown_after[place[change.jid]];
    return !after.has_value() || change.observed_at <= *after;
  };
  // `place` views the changes: which go is decided before any of them moves.
  std::vector<Change> shown;
  for (const Change& change : *changes) {
    if (!is_hidden(change)) shown.push_back(change);
  }
  *changes = std::move(shown);
  return absl::OkStatus();
}

}  // namespace portrait
