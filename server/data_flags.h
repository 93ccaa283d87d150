// Flags for the data that is kept and how long, and for operations that
// portraitd runs in place of serving.
#ifndef PORTRAIT_SERVER_DATA_FLAGS_H_
#define PORTRAIT_SERVER_DATA_FLAGS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/access/audit_log.h"
#include "server/config.h"
#include "server/flags.h"

namespace portrait {

// The value InfiniteDuration means that data is kept without a time limit.
void AddRetentionFlag(Flags& flags, absl::Duration* retention);
// Whether tenants share stored answers.
void AddIsolationFlag(Flags& flags, bool* isolates_tenants);
void AddAuditFlags(Flags& flags, AuditOptions& audit, size_t* max_mib);
void AddOfflineFlags(Flags& flags, Config& config);
// Errors: INVALID_ARGUMENT if several operations are requested.
absl::Status CheckOfflineFlags(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DATA_FLAGS_H_
