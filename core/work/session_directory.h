// What lookups see of the pool of sessions.
#ifndef PORTRAIT_CORE_WORK_SESSION_DIRECTORY_H_
#define PORTRAIT_CORE_WORK_SESSION_DIRECTORY_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "core/whatsapp/jid.h"

namespace portrait {

// Thread-safe, quick.
class SessionDirectory {
 public:
  virtual ~SessionDirectory() = default;

  struct Availability {
    uint32_t linked = 0;  // sessions that work or will again by themselves
    uint32_t ready = 0;   // sessions that may take work now
    // When the next session may be ready, if none is; InfiniteFuture: unknown.
    absl::Time next_ready = absl::InfiniteFuture();
  };
  // Of the named session; of all sessions if `session` is empty.
  virtual Availability GetAvailability(const std::string& session) const = 0;
  virtual bool Exists(const std::string& session) const = 0;
  // Whether `jid` is one of our own WhatsApp accounts, by PN or LID.
  virtual bool IsOwn(const whatsapp::Jid& jid) const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_WORK_SESSION_DIRECTORY_H_
