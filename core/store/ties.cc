#include "core/store/ties.h"

#include <algorithm>

#include "core/base/proto_time.h"

namespace portrait {

using store::v1::ContactRecord;
using store::v1::Tie;

Tie* FindTie(uint32_t tenant, ContactRecord& record) {
  for (Tie& tie : *record.mutable_ties()) {
    if (tie.tenant() == tenant) return &tie;
  }
  return nullptr;
}

bool AddTie(uint32_t tenant, absl::Time asked_at, ContactRecord& record) {
  if (FindTie(tenant, record) != nullptr) return false;
  Tie& tie = *record.add_ties();
  tie.set_tenant(tenant);
  tie.set_ask_micros(absl::ToUnixMicros(asked_at));
  return true;
}

bool AddCheckedTie(uint32_t tenant, absl::Time observed_at,
                   ContactRecord& record) {
  const int64_t checked =
      record.has_check_time()
          ? absl::ToUnixMicros(FromProto(record.check_time()))
          : 0;
  Tie* tie = FindTie(tenant, record);
  if (tie != nullptr && tie->check_micros() == checked) return false;
  if (tie == nullptr) {
    tie = record.add_ties();
    tie->set_tenant(tenant);
    // The tenant also received this later answer, so earlier changes are not
    // new to it.
    tie->set_ask_micros(std::max(absl::ToUnixMicros(observed_at), checked));
  }
  tie->set_check_micros(checked);
  return true;
}

bool RemoveTie(uint32_t tenant, ContactRecord& record) {
  auto& ties = *record.mutable_ties();
  const auto gone = std::remove_if(
      ties.begin(), ties.end(),
      [tenant](const Tie& tie) { return tie.tenant() == tenant; });
  if (gone == ties.end()) return false;
  ties.erase(gone, ties.end());
  return true;
}

void JoinTies(const ContactRecord& from, ContactRecord& record) {
  for (const Tie& tie : from.ties()) {
    if (FindTie(tie.tenant(), record) == nullptr) *record.add_ties() = tie;
  }
}

}  // namespace portrait
