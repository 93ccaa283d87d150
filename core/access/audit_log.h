// AuditLog records which token asked about which contact, in a file of JSON
// lines that is separate from the program's log.
//
//   {"time":"2026-11-21T18:20:29.123Z","event":"lookup","tenant":"acme",
//    "token":"acme-0123","contact":"9f86d081884c7d659a2feaa0c55ad015",
//    "outcome":"AVAILABLE","source":"STORE"}
//
// A contact is written as a keyed hash: the file alone identifies no person,
// but an operator who also has the store can find a contact's lines.
#ifndef PORTRAIT_CORE_ACCESS_AUDIT_LOG_H_
#define PORTRAIT_CORE_ACCESS_AUDIT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/access/access_control.h"
#include "core/access/audit_copy.h"
#include "core/base/clock.h"
#include "core/store/key_value_store.h"

namespace portrait {

struct AuditOptions {
  std::string file;
  // At this size or age, FILE is renamed to FILE.1, FILE.1 to FILE.2 and so on;
  // `files` older files are kept.
  uint64_t max_bytes = 100 * 1024 * 1024;
  absl::Duration max_age = absl::Hours(24);
  size_t files = 10;
  // Where each line is also written: a copy that this machine cannot change
  // later.
  using Copy = AuditCopy::To;
  Copy copy = Copy::kNone;
  std::string syslog_socket = "/dev/log";
  // A tenant's lines above this rate, with bursts of one minute's lines, are
  // dropped and counted; a line of event "gap" with the tenant reports their
  // number. So one tenant cannot push the lines of others out of the files. 0:
  // no limit.
  double tenant_lines_per_second = 100;
  // The most bytes of lines that wait for the disk. Further lines are dropped
  // and counted; a line of event "gap" without a tenant reports their number.
  size_t max_waiting_bytes = 16 * 1024 * 1024;
  Clock clock = SystemClock();
};

// Thread-safe. A separate thread writes, so that no caller waits. If the file
// is moved or deleted, a new file is opened within a second.
class AuditLog {
 public:
  // The fields of a line after time, tenant and token, in this order; fields
  // with an empty value are left out.
  using Field = std::pair<absl::string_view, absl::string_view>;

  // The hash's key is in `store`, and is made if it is missing. The file is
  // made with mode 0600.
  //
  // Errors: those of the store; UNAVAILABLE or PERMISSION_DENIED naming the
  // file.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(KeyValueStore& store,
                                                        AuditOptions options);
  // Writes the waiting lines, if the disk takes them.
  virtual ~AuditLog() = default;

  virtual void Write(absl::string_view event, const Principal& caller,
                     absl::Span<const Field> fields) = 0;

  // Like Write, with fields that `make` makes on the log's own thread, because
  // making them takes long. The line counts as `bytes` until then, and `make`
  // may be dropped without a call.
  using MadeFields = std::vector<std::pair<absl::string_view, std::string>>;
  virtual void WriteLater(absl::string_view event, const Principal& caller,
                          size_t bytes, std::function<MadeFields()> make) = 0;

  // The contact's pseudonym in the file: 32 hexadecimal digits.
  virtual std::string ContactId(absl::string_view jid) const = 0;

  // Waits until all lines written so far are on the disk; returns false after
  // `timeout`.
  virtual bool Flush(absl::Duration timeout) = 0;

  // The number of lost lines since the start.
  virtual uint64_t lost() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_AUDIT_LOG_H_
