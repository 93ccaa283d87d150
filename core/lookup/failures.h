// The failures that lookups themselves come to, in words a caller can act on.
#ifndef PORTRAIT_CORE_LOOKUP_FAILURES_H_
#define PORTRAIT_CORE_LOOKUP_FAILURES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/work/session_directory.h"
#include "core/work/work_source.h"

namespace portrait {

LookupFailure InvalidContactFailure(const absl::Status& why);
LookupFailure OwnNumberFailure();
LookupFailure SuppressedFailure();
// While it was looked up.
LookupFailure ForgottenFailure();
LookupFailure ShuttingDownFailure();

// The store could not `verb` ("read", "write").
LookupFailure StorageFailure(const char* verb, const absl::Status& why);

// No account is linked that could ask; `session` empty: none at all.
LookupFailure NoSessionFailure(const std::string& session);

// Accounts are linked, but none could take an urgent lookup in time.
LookupFailure NotReadyFailure(
    const SessionDirectory::Availability& availability, absl::Time now);

// A session asked, and no answer came in time.
LookupFailure NoAnswerFailure();
// WhatsApp answered, twice, and left the picture out.
LookupFailure NothingToldFailure();

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FAILURES_H_
