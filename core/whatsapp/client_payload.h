// The ClientPayload in the Noise handshake, by which a client registers (pairs)
// or logs in.
#ifndef PORTRAIT_CORE_WHATSAPP_CLIENT_PAYLOAD_H_
#define PORTRAIT_CORE_WHATSAPP_CLIENT_PAYLOAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/appearance.h"
#include "core/whatsapp/device.h"

namespace portrait::whatsapp {

// The web client's version; the server refuses versions that are too old (405).
struct ClientVersion {
  uint32_t primary = 2;
  uint32_t secondary = 3000;
  uint32_t tertiary = 1045368834;  // the web client's revision

  std::string ToString() const;  // "2.3000.1045368834"
  bool operator==(const ClientVersion&) const = default;
};
// Errors: INVALID_ARGUMENT unless the text has the form "N.N.N".
absl::StatusOr<ClientVersion> ParseClientVersion(absl::string_view text);

// Both return a serialized ClientPayload.
std::string RegistrationPayload(const Device& device,
                                const ClientVersion& version,
                                const DeviceAppearance& appearance);
// Whether the login is passive: the server sends queued stanzas only after
// <active/>. Like WhatsApp Web, Portrait logs in passively only while prekeys
// or the first AB props are missing.
bool IsLoginPassive(const Device& device);
// `device` must be paired.
std::string LoginPayload(const Device& device, const ClientVersion& version,
                         const DeviceAppearance& appearance = {});

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_CLIENT_PAYLOAD_H_
