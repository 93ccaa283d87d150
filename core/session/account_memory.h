// What a session knows of its account that outlasts a connection.
#ifndef PORTRAIT_CORE_SESSION_ACCOUNT_MEMORY_H_
#define PORTRAIT_CORE_SESSION_ACCOUNT_MEMORY_H_

#include "core/session/asked_contacts.h"
#include "core/session/rate_limiter.h"

namespace portrait {

// An account's paces.
struct QueryLimits {
  RateLimiter usync;  // and what no usync query can go without
  RateLimiter pictures;
  // Protocols of usync that are left out while WhatsApp wishes so.
  RateLimiter lid, business;
};

struct AccountMemory {
  QueryLimits limits;
  AskedContacts asked = {};
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_ACCOUNT_MEMORY_H_
