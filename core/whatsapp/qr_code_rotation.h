// Determines which of the server's refs a QR code shows at a time.
#ifndef PORTRAIT_CORE_WHATSAPP_QR_CODE_ROTATION_H_
#define PORTRAIT_CORE_WHATSAPP_QR_CODE_ROTATION_H_

#include <deque>
#include <string>

#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// Refs are shown one after the other: the first for kFirstQrCodeLife, each
// further one for kNextQrCodeLife. Pure; thread-compatible.
class QrCodeRotation {
 public:
  // Starts (again) with the refs of a <pair-device>. Refs that do not fit into
  // a QR code are left out.
  void Start(const Node& pair_device, absl::Time now);

  // Whether the current ref has not been shown as a code yet.
  bool NeedsDrawing() const { return needs_drawing_ && !refs_.empty(); }
  void Drawn() { needs_drawing_ = false; }
  // Shows the same ref again, in a QR code with new keys.
  void DrawAgain() { needs_drawing_ = true; }

  // Drops the refs whose time has passed.
  void MoveOn(absl::Time now);

  bool started() const { return started_; }
  bool exhausted() const { return started_ && refs_.empty(); }
  bool on_last() const { return refs_.size() == 1; }
  // The ref of the current code. Call it only if the refs are not exhausted.
  const std::string& ref() const { return refs_.front(); }
  absl::Time expires_at() const { return expires_at_; }

 private:
  bool started_ = false;
  bool needs_drawing_ = false;
  std::deque<std::string> refs_;
  absl::Time expires_at_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_QR_CODE_ROTATION_H_
