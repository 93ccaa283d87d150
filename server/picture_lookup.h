// PictureLookup is the lookup of GetProfilePicture, whatever the protocol of
// the call.
#ifndef PORTRAIT_SERVER_PICTURE_LOOKUP_H_
#define PORTRAIT_SERVER_PICTURE_LOOKUP_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/access/access_control.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/accounted_lookup.h"
#include "server/backends.h"

namespace portrait {

// One call, a class of the protocol derives from it. Thread-safe. The engine
// holds a weak pointer to it, so that a cancelled call is dropped there.
class PictureLookup : public ResultSink,
                      public std::enable_shared_from_this<PictureLookup> {
 public:
  void OnResults(LookupResults results) override;

 protected:
  // `backends` is borrowed.
  PictureLookup(const Backends& backends, Principal caller)
      : lookup_(backends, std::move(caller), *this) {}

  // Starts the lookup. OnAnswer may be called before this returns.
  void Ask(v1::GetProfilePictureRequest request, absl::Time deadline);
  // Ends the call, unless it has ended.
  void End(const absl::Status& why) {
    if (MayEnd()) OnAnswer(why, "");
  }

  // Called once, on any thread. `picture` is a serialized ProfilePicture, and
  // empty if `status` is not OK.
  virtual void OnAnswer(const absl::Status& status,
                        absl::string_view picture) = 0;

 private:
  bool MayEnd() { return !ended_.exchange(true); }

  AccountedLookup lookup_;
  std::atomic<bool> ended_ = false;
};

// The start of a serialized GetProfilePictureResponse: what precedes the bytes
// of `picture` in it.
std::string ResponseHeadFor(absl::string_view picture);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_PICTURE_LOOKUP_H_
