#include "core/whatsapp/qr_code_rotation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "core/whatsapp/pairing.h"

namespace portrait::whatsapp {
namespace {

constexpr size_t kMaxRefs = 32;  // the server sends six
constexpr size_t kMaxRefBytes = 1024;

// Commas separate the fields of a QR code, so a ref must not have one.
bool FitsQrCode(const std::string& ref) {
  return !ref.empty() && ref.size() <= kMaxRefBytes &&
         std::all_of(ref.begin(), ref.end(),
                     [](char c) { return absl::ascii_isgraph(c) && c != ','; });
}

}  // namespace

void QrCodeRotation::Start(const Node& pair_device, absl::Time now) {
  refs_.clear();
  for (const Node& child : pair_device.children()) {
    if (child.tag != "ref" || refs_.size() == kMaxRefs) continue;
    std::string ref = child.Data();
    if (FitsQrCode(ref)) refs_.push_back(std::move(ref));
  }
  started_ = true;
  needs_drawing_ = true;
  expires_at_ = now + kFirstQrCodeLife;
}

void QrCodeRotation::MoveOn(absl::Time now) {
  while (!refs_.empty() && now >= expires_at_) {
    refs_.pop_front();
    expires_at_ += kNextQrCodeLife;
    needs_drawing_ = true;
  }
}

}  // namespace portrait::whatsapp
