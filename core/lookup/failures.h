// The failures that lookups themselves cause, with messages that tell callers
// what to do.
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
// The contact was forgotten during its lookup.
LookupFailure ForgottenFailure();
LookupFailure ShuttingDownFailure();

// The store could not `verb` ("read", "write") the contact.
LookupFailure StorageFailure(const char* verb, const absl::Status& why);

// The named session, or if `session` is empty any session, is not linked, so
// WhatsApp cannot be asked.
LookupFailure NoSessionFailure(const std::string& session);

// Accounts are linked, but none could take an urgent lookup in time.
LookupFailure NotReadyFailure(
    const SessionDirectory::Availability& availability, absl::Time now);

// A session asked WhatsApp, but no answer came in time.
LookupFailure NoAnswerFailure();
// WhatsApp answered twice without the picture.
LookupFailure NothingToldFailure();

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FAILURES_H_
