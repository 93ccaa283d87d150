// The signed prekey, which every companion replaces periodically. Pure
// functions; see prekeys.h for one-time prekeys.
#ifndef PORTRAIT_CORE_WHATSAPP_SIGNED_PREKEYS_H_
#define PORTRAIT_CORE_WHATSAPP_SIGNED_PREKEYS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The lifetime of a signed prekey, as in WhatsApp Web …
inline constexpr absl::Duration kSignedPrekeyLife = absl::Hours(27 * 24);
// … and the wait before a new offer after a server error (5xx).
inline constexpr absl::Duration kSignedPrekeyRetry = absl::Hours(24);

SignedPrekey MakeSignedPrekey(uint32_t id, const KeyPair& identity);

// The time at which `device` must offer its next signed prekey; InfiniteFuture
// if the device is not paired.
absl::Time SignedPrekeyDue(const Device& device);

// Returns the key to offer: a new one, or the one of an earlier offer without
// an answer, because the server may have accepted that. `device` then contains
// it, and must be stored before the offer.
const SignedPrekey& StageSignedPrekey(Device& device);

// The request <rotate><skey>.
Node MakeSignedPrekeyRotation(const SignedPrekey& offered);

// Applies the server's answer: 0 for success, or an error code. Do not call it
// without an answer: the offer is then repeated.
void SettleSignedPrekey(Device& device, int error_code, absl::Time now);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_SIGNED_PREKEYS_H_
