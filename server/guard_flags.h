// The flags of the enumeration guard.
#ifndef PORTRAIT_SERVER_GUARD_FLAGS_H_
#define PORTRAIT_SERVER_GUARD_FLAGS_H_

#include "core/access/enumeration_guard.h"
#include "server/flags.h"

namespace portrait {

void AddGuardFlags(Flags& flags, bool& is_on, EnumerationGuardOptions& guard);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_GUARD_FLAGS_H_
