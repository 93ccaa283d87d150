// The simulated server's secrets, stored in its data folder, so that
// certificates and URLs stay valid after a restart.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_KEYS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/whatsapp/crypto.h"

namespace portrait::sim {

// A value type; thread-compatible.
struct ServerKeys {
  whatsapp::KeyPair root;          // clients must trust it
  whatsapp::KeyPair intermediate;  // certified by the root
  whatsapp::KeyPair static_key;    // of the Noise handshake
  std::string url_key;             // signs picture URLs
  std::string phone_key;

  // The Signal identity of an account's phone, derived from the account.
  whatsapp::KeyPair PhoneIdentity(uint64_t number) const;
};

// Reads FOLDER/server_keys, or makes it.
//
// Errors: DATA_LOSS for an invalid file, UNAVAILABLE if it cannot be written.
absl::StatusOr<ServerKeys> OpenServerKeys(const std::string& folder);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_KEYS_H_
