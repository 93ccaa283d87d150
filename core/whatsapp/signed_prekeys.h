// The signed prekey, which every companion replaces now and then. Pure
// functions; see prekeys.h for the one-time ones.
#ifndef PORTRAIT_CORE_WHATSAPP_SIGNED_PREKEYS_H_
#define PORTRAIT_CORE_WHATSAPP_SIGNED_PREKEYS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// As WhatsApp Web has it: how long a signed prekey stands …
inline constexpr absl::Duration kSignedPrekeyLife = absl::Hours(27 * 24);
// … and when one that the server could not take (5xx) is offered again.
inline constexpr absl::Duration kSignedPrekeyRetry = absl::Hours(24);

SignedPrekey MakeSignedPrekey(uint32_t id, const KeyPair& identity);

// When `device` is to offer its next one; the future for one not paired.
absl::Time SignedPrekeyDue(const Device& device);

// The one to offer: made now, unless an earlier offer was not answered, for the
// server may have taken that. It is part of `device` from then on, which is to
// be stored before the offer.
const SignedPrekey& StageSignedPrekey(Device& device);

// <rotate><skey>
Node MakeSignedPrekeyRotation(const SignedPrekey& offered);

// What the server answered: 0 for yes, or the code of its error. Without an
// answer the offer stands, to be repeated.
void SettleSignedPrekey(Device& device, int error_code, absl::Time now);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_SIGNED_PREKEYS_H_
