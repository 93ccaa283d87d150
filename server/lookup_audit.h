// LookupAudit writes one line of the audit log for the lookups of a call: the
// token, the contacts and the outcomes. With a line for each item, one list
// could push the lines of all other callers out of the files.
#ifndef PORTRAIT_SERVER_LOOKUP_AUDIT_H_
#define PORTRAIT_SERVER_LOOKUP_AUDIT_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "core/access/contact_digest.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"

namespace portrait {

// Thread-safe. The line of one contact has its pseudonym. The line of several
// has their number, a ContactDigest, and the number of each outcome and source;
// a long stream has a line for each kMaxItems.
class LookupAudit {
 public:
  static constexpr size_t kMaxItems = 100'000;

  // `log` is borrowed; if it is null, nothing is written or kept.
  LookupAudit(AuditLog* log, Principal caller)
      : log_(log), caller_(std::move(caller)) {}
  // Calls End. Items without an answer are GIVEN_UP: their caller has left.
  ~LookupAudit();

  bool is_on() const { return log_ != nullptr; }
  // That many contacts are requested.
  void Asked(size_t contacts);
  // Adds one of the contacts, as the lookup parsed it. Not called for an
  // invalid contact.
  void Parsed(const Contact& contact);
  // Parses them, for contacts that no lookup parses. Takes long: call it in the
  // tenant's turn.
  void Parse(const LookupRequest& request, absl::Span<const LookupItem> items);
  void Answered(const LookupResults& results);
  // No further items are requested for now: writes the line, if there is one.
  void End();

 private:
  // The number of items for each name.
  using Counts = std::map<absl::string_view, size_t>;  // the names are literals

  void WriteLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  AuditLog* const log_;
  const Principal caller_;

  absl::Mutex mu_;
  size_t pending_ ABSL_GUARDED_BY(mu_) = 0;  // requested and not answered
  // The members below count since the last line:
  size_t asked_ ABSL_GUARDED_BY(mu_) = 0;
  std::string first_ ABSL_GUARDED_BY(mu_);  // the id of the first contact
  ContactDigest digest_ ABSL_GUARDED_BY(mu_);
  size_t answered_ ABSL_GUARDED_BY(mu_) = 0;
  Counts outcomes_ ABSL_GUARDED_BY(mu_);
  Counts sources_ ABSL_GUARDED_BY(mu_);
};

// The contact's pseudonym in the audit log, for a contact as a caller wrote it;
// empty if it is invalid. `country`: see ReadContact().
std::string AuditIdOf(const AuditLog& log, absl::string_view contact,
                      absl::string_view country = "");

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LOOKUP_AUDIT_H_
