// TenantNumbers gives each tenant a small number, by which records say which
// tenants asked about a contact. A number is never given to another tenant,
// also when the tenant has no tokens left.
#ifndef PORTRAIT_CORE_ACCESS_TENANT_NUMBERS_H_
#define PORTRAIT_CORE_ACCESS_TENANT_NUMBERS_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/store/key_value_store.h"

namespace portrait {

// Thread-safe. Stored as "tenant/NAME" → number in decimal.
class TenantNumbers {
 public:
  // `store` is borrowed.
  explicit TenantNumbers(KeyValueStore& store) : store_(store) {}

  // Before the first NumberOf. Errors: those of the store; DATA_LOSS for a
  // number that is unreadable or given twice.
  absl::Status Load();

  // 1, 2, …; stores a new one for a tenant that has none. Errors: those of the
  // store.
  absl::StatusOr<uint32_t> NumberOf(const std::string& tenant);

 private:
  KeyValueStore& store_;
  // Also held while a number is stored, once in the life of a tenant, so that
  // no two tenants get the same one.
  absl::Mutex mu_;
  absl::flat_hash_map<std::string, uint32_t> numbers_ ABSL_GUARDED_BY(mu_);
  uint32_t last_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TENANT_NUMBERS_H_
