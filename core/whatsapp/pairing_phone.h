// The phone's side of linking a companion by QR code: what a simulated phone
// computes and checks. Pure functions.
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
  std::string client_type;          // empty in the old form of four fields
};

// Reads a QR code's text in each form in use: with or without the URL before
// '#', four fields or five.
//
// Errors: INVALID_ARGUMENT, saying what is wrong.
absl::StatusOr<QrCode> ParseQrCode(absl::string_view text);

struct DeviceIdentityOptions {
  uint32_t raw_id = 0;
  absl::Time timestamp;
  uint32_t key_index = 0;        // running number of the account's companions
  bool hosted = false;           // account and device run in the cloud
  std::string signature_random;  // 64 bytes; empty: drawn
};

// What the phone vouches for, kept until the companion has answered.
struct DeviceIdentity {
  std::string container;  // of <device-identity> in <pair-success>
  std::string details;    // serialized ADVDeviceIdentity
  std::string account_key;
  std::string account_signature;
  uint32_t key_index = 0;
};

DeviceIdentity SignDeviceIdentity(const KeyPair& phone_identity,
                                  absl::string_view companion_identity,
                                  absl::string_view adv_secret,
                                  const DeviceIdentityOptions& options);

// Checks the <iq type="result"><pair-device-sign> by which the companion
// answers.
//
// Errors: UNAUTHENTICATED, naming the check that failed.
absl::Status VerifyPairDeviceSign(const Node& reply,
                                  const DeviceIdentity& identity,
                                  absl::string_view companion_identity);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_PAIRING_PHONE_H_
