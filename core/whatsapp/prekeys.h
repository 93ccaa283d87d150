// One-time prekeys, which others need to send this device its first message. A
// companion that only makes lookups never reads messages, but a device without
// prekeys would differ from every other client. Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_PREKEYS_H_
#define PORTRAIT_CORE_WHATSAPP_PREKEYS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/whatsapp/device.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// The size of each upload: the first, and each time the server has few left.
inline constexpr size_t kPrekeyBatch = 812;
inline constexpr uint32_t kMaxPrekeyId = 0xFFFFFF;

struct Prekey {
  uint32_t id;
  std::string public_key;
};

// True until the server has confirmed the latest upload.
bool IsMissingPrekeys(const Device& device);

// The key with that id, derived from the device's seed: thus a session does not
// hold hundreds of private keys, or store them at each change.
KeyPair PrekeyOf(const Device& device, uint32_t id);

// Generates `count` new keys and advances the next id in `device`. Store
// `device` before the keys are uploaded. Ids wrap around, so that no id is
// reused soon.
std::vector<Prekey> DrawPrekeys(Device& device, size_t count);

Node MakePrekeyUpload(const Device& device, absl::Span<const Prekey> prekeys);
// <skey>
Node SignedPrekeyNode(const SignedPrekey& prekey);

// Queries which keys of this device the server has.
Node MakeKeyDigestQuery();
// Errors: DATA_LOSS if the server's keys differ from those of `device`,
// NOT_FOUND if it has none, those of IqError().
absl::Status CheckKeyDigest(const Node& iq, const Device& device);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PREKEYS_H_
