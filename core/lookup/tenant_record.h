// TenantRecord is a stored record as one tenant may see it.
#ifndef PORTRAIT_CORE_LOOKUP_TENANT_RECORD_H_
#define PORTRAIT_CORE_LOOKUP_TENANT_RECORD_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "core/base/proto_time.h"
#include "core/store/record_view.h"

namespace portrait {

// A value type; valid as long as the record.
class TenantRecord {
 public:
  // `record` null: nothing is stored. An isolated tenant sees no record of a
  // contact that it has not asked about. Tenant 0 is tied to no record.
  TenantRecord(const RecordView* record, uint32_t tenant, bool is_isolated)
      : record_(record), tenant_(tenant), is_isolated_(is_isolated) {
    if (record != nullptr && tenant != 0) tie_ = record->FindTie(tenant);
    if (is_isolated && !tie_.has_value()) record_ = nullptr;
  }

  const RecordView* record() const { return record_; }

  // Whether the record, if it is fresh, may be the answer. To an isolated
  // tenant it may as long as no other tenant's lookup has renewed it.
  bool may_answer() const {
    if (record_ == nullptr) return false;
    return !is_isolated_ ||
           tie_->check_micros() ==
               absl::ToUnixMicros(FromProto(record_->check_time()));
  }

  // Whether an answer from the store has to be noted in the record.
  bool needs_tie() const { return tenant_ != 0 && !tie_.has_value(); }

  // Changes up to this time are not for the tenant to see.
  absl::Time changes_after() const {
    return is_isolated_ && tie_.has_value()
               ? absl::FromUnixMicros(tie_->ask_micros())
               : absl::InfinitePast();
  }

 private:
  const RecordView* record_;
  const uint32_t tenant_;
  const bool is_isolated_;
  std::optional<store::v1::Tie> tie_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_TENANT_RECORD_H_
