// One-time prekeys: what others need to send this device its first message. A
// companion that only looks up never reads those, but one without keys would be
// unlike any other. Pure functions.
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

inline constexpr size_t kFirstPrekeyBatch = 812;  // as all web clients start
inline constexpr size_t kNextPrekeyBatch = 50;
inline constexpr size_t kMinPrekeys = 5;  // with fewer left, more are uploaded
inline constexpr uint32_t kMaxPrekeyId = 0xFFFFFF;

struct Prekey {
  uint32_t id;
  std::string public_key;
};

// How many to upload when the server has `at_server`; `is_first`: none were
// drawn yet.
size_t PrekeysWanted(uint64_t at_server, bool is_first);

// The key of that id. It is derived from the device's seed, so that a session
// need not hold, nor store again with each change, hundreds of private halves.
KeyPair PrekeyOf(const Device& device, uint32_t id);

// `count` new keys; `device` has the next id, and is to be stored before they
// are uploaded. Ids go round, and none is used again soon.
std::vector<Prekey> DrawPrekeys(Device& device, size_t count);

Node MakePrekeyUpload(const Device& device, absl::Span<const Prekey> prekeys);
// <skey>
Node SignedPrekeyNode(const SignedPrekey& prekey);

// Asks how many the server has.
Node MakePrekeyCountQuery();
// Errors: INVALID_ARGUMENT for an answer that does not say it.
absl::StatusOr<uint64_t> ParsePrekeyCount(const Node& iq);

// Asks which keys the server holds of this device.
Node MakeKeyDigestQuery();
// Errors: DATA_LOSS when the server holds others than those of `device`,
// NOT_FOUND when it holds none, those of IqError().
absl::Status CheckKeyDigest(const Node& iq, const Device& device);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PREKEYS_H_
