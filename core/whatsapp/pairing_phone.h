// The phone's side of linking a companion by QR code, for simulated phones.
// Pure functions.
#ifndef PORTRAIT_CORE_WHATSAPP_PAIRING_PHONE_H_
#define PORTRAIT_CORE_WHATSAPP_PAIRING_PHONE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

struct QrCode {
  std::string ref;
  std::string noise_public_key;     // 32 bytes
  std::string identity_public_key;  // 32 bytes
  std::string adv_secret;           // 32 bytes
  std::string client_type;          // empty in the old form with four fields
};

// Parses a QR code's text in each form in use: with or without the URL before
// '#', with four or five fields.
//
// Errors: INVALID_ARGUMENT, saying what is wrong.
absl::StatusOr<QrCode> ParseQrCode(absl::string_view text);

struct DeviceIdentityOptions {
  uint32_t raw_id = 0;
  absl::Time timestamp;
  uint32_t key_index = 0;        // serial number among the account's companions
  bool hosted = false;           // the account and the device run in the cloud
  std::string signature_random;  // 64 bytes; empty: random bytes
};

// The identity that the phone signs, kept until the companion has answered.
struct DeviceIdentity {
  std::string container;  // content of <device-identity> in <pair-success>
  std::string details;    // serialized ADVDeviceIdentity
  std::string account_key;
  std::string account_signature;
  uint32_t key_index = 0;
};

DeviceIdentity SignDeviceIdentity(const KeyPair& phone_identity,
                                  absl::string_view companion_identity,
                                  absl::string_view adv_secret,
                                  const DeviceIdentityOptions& options);

// Verifies the companion's answer, <iq type="result"><pair-device-sign>.
//
// Errors: UNAUTHENTICATED, naming the check that failed.
absl::Status VerifyPairDeviceSign(const Node& reply,
                                  const DeviceIdentity& identity,
                                  absl::string_view companion_identity);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PAIRING_PHONE_H_
