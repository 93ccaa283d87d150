#include "core/whatsapp/signed_prekeys.h"

#include <utility>

#include "core/whatsapp/prekeys.h"

namespace portrait::whatsapp {
namespace {

// The server refused this key itself; it may accept a new one.
constexpr int kBadKey = 406;
constexpr int kInvalidKey = 409;

}  // namespace

SignedPrekey MakeSignedPrekey(uint32_t id, const KeyPair& identity) {
  SignedPrekey prekey;
  prekey.id = id;
  prekey.key = MakeKeyPair();
  prekey.signature = XeddsaSign(identity.private_key,
                                SignedPrekeyMessage(prekey.key.public_key));
  return prekey;
}

absl::Time SignedPrekeyDue(const Device& device) {
  if (device.signed_prekey_due.has_value()) return *device.signed_prekey_due;
  if (device.paired_at == absl::UnixEpoch()) return absl::InfiniteFuture();
  return device.paired_at + kSignedPrekeyLife;
}

const SignedPrekey& StageSignedPrekey(Device& device) {
  if (!device.offered_signed_prekey.has_value()) {
    const uint32_t last = device.signed_prekey.id;
    device.offered_signed_prekey = MakeSignedPrekey(
        last >= kMaxPrekeyId ? 1 : last + 1, device.identity_key);
  }
  return *device.offered_signed_prekey;
}

Node MakeSignedPrekeyRotation(const SignedPrekey& offered) {
  Node rotate = MakeNode("rotate");
  rotate.AddChild(SignedPrekeyNode(offered));
  Node iq = MakeNode("iq", {{"xmlns", std::string("encrypt")},
                            {"type", std::string("set")},
                            {"to", ServerJid()}});
  iq.AddChild(std::move(rotate));
  return iq;
}

void SettleSignedPrekey(Device& device, int error_code, absl::Time now) {
  std::optional<SignedPrekey>& offered = device.offered_signed_prekey;
  if (error_code == 0 && offered.has_value()) {
    device.signed_prekey = *std::exchange(offered, std::nullopt);
  }
  if (error_code == kBadKey || error_code == kInvalidKey) offered.reset();
  // The server would repeat a refusal at each login, so the next offer waits as
  // long as after a success. After an internal error of the server it comes
  // sooner.
  device.signed_prekey_due =
      now + (error_code >= 500 ? kSignedPrekeyRetry : kSignedPrekeyLife);
}

}  // namespace portrait::whatsapp
