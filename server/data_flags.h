// The flags about what is kept, and for how long; and those that make portraitd
// do something to it instead of serving.
#ifndef PORTRAIT_SERVER_DATA_FLAGS_H_
#define PORTRAIT_SERVER_DATA_FLAGS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/access/audit_log.h"
#include "server/config.h"
#include "server/flags.h"

namespace portrait {

// InfiniteDuration: for ever.
void AddRetentionFlag(Flags& flags, absl::Duration* retention);
void AddAuditFlags(Flags& flags, AuditOptions& audit, size_t* max_mib);
void AddOfflineFlags(Flags& flags, Config& config);
// Errors: INVALID_ARGUMENT for more than one thing to do.
absl::Status CheckOfflineFlags(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DATA_FLAGS_H_
