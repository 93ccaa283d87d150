// The state of a session's account that outlasts a connection.
#ifndef PORTRAIT_CORE_SESSION_ACCOUNT_MEMORY_H_
#define PORTRAIT_CORE_SESSION_ACCOUNT_MEMORY_H_

#include <algorithm>

#include "absl/time/time.h"
#include "core/session/asked_contacts.h"
#include "core/session/rate_limiter.h"

namespace portrait {

// The rate limiters of an account.
struct QueryLimits {
  RateLimiter usync;  // limits all usync queries
  RateLimiter pictures;
  // These limit single usync protocols, which queries leave out while WhatsApp
  // limits them.
  RateLimiter lid, business;

  // WhatsApp allows no lookups before this time.
  absl::Time BlockedUntil() const {
    return std::max(usync.blocked_until(), pictures.blocked_until());
  }
};

struct AccountMemory {
  QueryLimits limits;
  AskedContacts asked = {};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_ACCOUNT_MEMORY_H_
