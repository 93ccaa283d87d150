// AskGuard can refuse queries to WhatsApp, to keep a tenant from enumerating
// phone numbers.
#ifndef PORTRAIT_CORE_LOOKUP_ASK_GUARD_H_
#define PORTRAIT_CORE_LOOKUP_ASK_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "core/work/work_source.h"

namespace portrait {

// Thread-safe; no call blocks.
class AskGuard {
 public:
  virtual ~AskGuard() = default;

  // `tenant` wants WhatsApp to be asked about these phone numbers (E.164
  // without the plus), which are not in the store. Returns how many of them,
  // from the first, may be asked about; `*why` says why the rest may not.
  virtual size_t Admit(const std::string& tenant,
                       absl::Span<const uint64_t> numbers,
                       LookupFailure* why) = 0;

  // WhatsApp has answered a query about one of these numbers.
  virtual void OnAnswer(const std::string& tenant, bool registered) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_ASK_GUARD_H_
