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

// The first upload of all web clients.
inline constexpr size_t kFirstPrekeyBatch = 812;
inline constexpr size_t kNextPrekeyBatch = 50;
// Below this number, more are uploaded.
inline constexpr size_t kMinPrekeys = 5;
inline constexpr uint32_t kMaxPrekeyId = 0xFFFFFF;

struct Prekey {
  uint32_t id;
  std::string public_key;
};

// The number of prekeys to upload if the server has `at_server`; `is_first`:
// none have been drawn yet.
size_t PrekeysWanted(uint64_t at_server, bool is_first);

// The key with that id, derived from the device's seed: a session need not
// hold, or store again with each change, hundreds of private keys.
KeyPair PrekeyOf(const Device& device, uint32_t id);

// Draws `count` new keys and advances the next id in `device`, which must be
// stored before they are uploaded. Ids wrap around, so that none is reused
// soon.
std::vector<Prekey> DrawPrekeys(Device& device, size_t count);

Node MakePrekeyUpload(const Device& device, absl::Span<const Prekey> prekeys);
// <skey>
Node SignedPrekeyNode(const SignedPrekey& prekey);

// Queries the number of prekeys at the server.
Node MakePrekeyCountQuery();
// Errors: INVALID_ARGUMENT for an answer without a count.
absl::StatusOr<uint64_t> ParsePrekeyCount(const Node& iq);

// Queries which keys of this device the server has.
Node MakeKeyDigestQuery();
// Errors: DATA_LOSS if the server's keys differ from those of `device`,
// NOT_FOUND if it has none, those of IqError().
absl::Status CheckKeyDigest(const Node& iq, const Device& device);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PREKEYS_H_
