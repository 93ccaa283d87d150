// The view of the session pool that lookups have.
#ifndef PORTRAIT_CORE_WORK_SESSION_DIRECTORY_H_
#define PORTRAIT_CORE_WORK_SESSION_DIRECTORY_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "core/whatsapp/jid.h"

namespace portrait {

// Thread-safe; no call blocks.
class SessionDirectory {
 public:
  virtual ~SessionDirectory() = default;

  struct Availability {
    // Sessions that work now or will again without an operator.
    uint32_t linked = 0;
    uint32_t ready = 0;  // sessions that may take work now
    // The time when the next session may be ready, if none is ready now;
    // InfiniteFuture if unknown.
    absl::Time next_ready = absl::InfiniteFuture();
  };
  // The availability of the named session; of all sessions if `session` is
  // empty.
  virtual Availability GetAvailability(const std::string& session) const = 0;
  virtual bool Exists(const std::string& session) const = 0;
  // Whether `jid` is one of our own WhatsApp accounts, by PN or LID.
  virtual bool IsOwn(const whatsapp::Jid& jid) const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_WORK_SESSION_DIRECTORY_H_
