// LookupAudit writes a line of the audit log for each item of a call: the
// token, the contact and the outcome.
#ifndef PORTRAIT_SERVER_LOOKUP_AUDIT_H_
#define PORTRAIT_SERVER_LOOKUP_AUDIT_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "core/lookup/lookup_request.h"
#include "core/lookup/lookup_results.h"

namespace portrait {

// Thread-safe. Keeps an item from its request to its answer; items with the
// same tag are answered in the order in which they were asked.
class LookupAudit {
 public:
  // `log` is borrowed; if it is null, nothing is written or kept.
  LookupAudit(AuditLog* log, Principal caller)
      : log_(log), caller_(std::move(caller)) {}
  // Writes the items without an answer as abandoned: their caller has left.
  ~LookupAudit();

  void Asked(const LookupRequest& request, absl::Span<const LookupItem> items);
  void Answered(const LookupResults& results);

 private:
  void Write(absl::string_view contact, absl::string_view outcome,
             absl::string_view source) const;

  AuditLog* const log_;
  const Principal caller_;

  absl::Mutex mu_;
  // The contacts' pseudonyms, by tag; empty if the contact was invalid.
  absl::flat_hash_map<uint64_t, std::deque<std::string>> asked_
      ABSL_GUARDED_BY(mu_);
};

// The contact's pseudonym in the audit log, for a contact as a caller wrote it;
// empty if it is invalid. `country`: see ReadContact().
std::string AuditIdOf(const AuditLog& log, absl::string_view contact,
                      absl::string_view country = "");

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LOOKUP_AUDIT_H_
