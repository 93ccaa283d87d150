// AuditLog is the record of who asked for whom: a file of JSON lines, apart
// from the log of what the program does.
//
//   {"time":"2026-11-21T18:20:29.123Z","event":"lookup","tenant":"acme",
//    "token":"acme-0123","contact":"9f86d081884c7d659a2feaa0c55ad015",
//    "outcome":"AVAILABLE","source":"STORE"}
//
// A contact is a keyed hash: the file alone identifies no person; an operator
// who has the store as well can find a contact's lines.
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
#include "core/base/clock.h"
#include "core/store/key_value_store.h"

namespace portrait {

struct AuditOptions {
  std::string file;
  // From here on FILE becomes FILE.1, that FILE.2 and so on; `files` of these
  // older ones are kept.
  uint64_t max_bytes = 100 * 1024 * 1024;
  size_t files = 10;
  // Lines that wait for the disk. What comes beyond is counted, and a line of
  // event "gap" says how many were lost.
  size_t max_waiting_bytes = 16 * 1024 * 1024;
  Clock clock = SystemClock();
};

// Thread-safe. A thread of its own writes, so that no caller waits. If the file
// is moved or deleted, a new file is opened within a second.
class AuditLog {
 public:
  // What a line says beside time, tenant and token, in this order; what has no
  // value is left out.
  using Field = std::pair<absl::string_view, absl::string_view>;

  // The hash's key is in `store`, and made when there is none. The file is made
  // with mode 0600.
  //
  // Errors: those of the store; UNAVAILABLE or PERMISSION_DENIED naming the
  // file.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(KeyValueStore& store,
                                                        AuditOptions options);
  // Writes what waits, as far as the disk takes it.
  virtual ~AuditLog() = default;

  virtual void Write(absl::string_view event, const Principal& caller,
                     absl::Span<const Field> fields) = 0;

  // As Write, with fields that `make` makes on the log's own thread, because
  // that takes long. It holds `bytes` until then, and may be dropped uncalled.
  using MadeFields = std::vector<std::pair<absl::string_view, std::string>>;
  virtual void WriteLater(absl::string_view event, const Principal& caller,
                          size_t bytes, std::function<MadeFields()> make) = 0;

  // What stands for a contact in the file: 32 hexadecimal digits.
  virtual std::string ContactId(absl::string_view jid) const = 0;

  // Until all that was written so far is on the disk; false: not within
  // `timeout`.
  virtual bool Flush(absl::Duration timeout) = 0;

  // Lines, since the start.
  virtual uint64_t lost() const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_AUDIT_LOG_H_
