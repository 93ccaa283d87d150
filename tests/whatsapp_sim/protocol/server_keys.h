// The secrets of the simulated server, kept in its data folder so that what it
// handed out stays valid when it restarts.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_KEYS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/whatsapp/crypto.h"

namespace portrait::sim {

// A value type; thread-compatible.
struct ServerKeys {
  whatsapp::KeyPair root;          // what clients must trust
  whatsapp::KeyPair intermediate;  // certified by the root
  whatsapp::KeyPair static_key;    // of the Noise handshake
  std::string url_key;             // signs picture URLs
  std::string phone_key;

  // The Signal identity of an account's phone: a function of the account.
  whatsapp::KeyPair PhoneIdentity(uint64_t number) const;
};

// Reads FOLDER/server_keys, or makes it.
//
// Errors: DATA_LOSS for a file that is none of ours, UNAVAILABLE when it cannot
// be written.
absl::StatusOr<ServerKeys> OpenServerKeys(const std::string& folder);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_SERVER_KEYS_H_
