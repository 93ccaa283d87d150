// AskGuard may keep WhatsApp from being asked about numbers that a tenant has
// no business to know.
#ifndef PORTRAIT_CORE_LOOKUP_ASK_GUARD_H_
#define PORTRAIT_CORE_LOOKUP_ASK_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "core/work/work_source.h"

namespace portrait {

// Thread-safe, quick.
class AskGuard {
 public:
  virtual ~AskGuard() = default;

  // `tenant` would have WhatsApp asked about these phone numbers, of which
  // nothing is stored: E.164 without the plus. How many of them, from the
  // first, may be; `*why` not the rest.
  virtual size_t Admit(const std::string& tenant,
                       absl::Span<const uint64_t> numbers,
                       LookupFailure* why) = 0;

  // WhatsApp has told about one of these.
  virtual void OnAnswer(const std::string& tenant, bool registered) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_ASK_GUARD_H_
