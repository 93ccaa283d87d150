#include "tests/whatsapp_sim/protocol/server_keys.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "simulator_state.pb.h"
#include "tests/whatsapp_sim/directory/data_files.h"

namespace portrait::sim {
namespace {

state::ServerKeys MakeKeys() {
  state::ServerKeys keys;
  keys.set_root_private_key(whatsapp::MakeKeyPair().private_key);
  keys.set_intermediate_private_key(whatsapp::MakeKeyPair().private_key);
  keys.set_static_private_key(whatsapp::MakeKeyPair().private_key);
  keys.set_url_key(RandomBytes(whatsapp::kKeyBytes));
  keys.set_phone_key(RandomBytes(whatsapp::kKeyBytes));
  return keys;
}

bool IsComplete(const state::ServerKeys& keys) {
  for (const std::string* key :
       {&keys.root_private_key(), &keys.intermediate_private_key(),
        &keys.static_private_key(), &keys.url_key(), &keys.phone_key()}) {
    if (key->size() != whatsapp::kKeyBytes) return false;
  }
  return true;
}

}  // namespace

whatsapp::KeyPair ServerKeys::PhoneIdentity(uint64_t number) const {
  return whatsapp::KeyPairFromPrivate(whatsapp::HkdfSha256(
      phone_key, "", absl::StrCat("phone identity ", number),
      whatsapp::kKeyBytes));
}

absl::StatusOr<ServerKeys> OpenServerKeys(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/server_keys");
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, ReadFile(path));
  state::ServerKeys stored;
  if (!bytes.has_value()) {
    stored = MakeKeys();
    RETURN_IF_ERROR(
        WriteFile(path, stored.SerializeAsString(), /*secret=*/true));
  } else if (!stored.ParseFromString(*bytes) || !IsComplete(stored)) {
    return absl::DataLossError(
        absl::StrCat(path, " does not hold a simulator's keys"));
  }
  return ServerKeys{
      whatsapp::KeyPairFromPrivate(stored.root_private_key()),
      whatsapp::KeyPairFromPrivate(stored.intermediate_private_key()),
      whatsapp::KeyPairFromPrivate(stored.static_private_key()),
      stored.url_key(),
      stored.phone_key(),
  };
}

}  // namespace portrait::sim
