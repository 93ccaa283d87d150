#include "core/whatsapp/adv.h"

#include "absl/strings/str_cat.h"
#include "core/whatsapp/crypto.h"

namespace portrait::whatsapp {
namespace {

constexpr absl::string_view kAccountPrefix("\x06\x00", 2);
constexpr absl::string_view kDevicePrefix("\x06\x01", 2);
constexpr absl::string_view kHostedPrefix("\x06\x05", 2);

}  // namespace

std::string AccountSignatureMessage(bool hosted, absl::string_view details,
                                    absl::string_view companion_identity) {
  return absl::StrCat(hosted ? kHostedPrefix : kAccountPrefix, details,
                      companion_identity);
}

std::string DeviceSignatureMessage(absl::string_view details,
                                   absl::string_view companion_identity,
                                   absl::string_view account_key) {
  return absl::StrCat(kDevicePrefix, details, companion_identity, account_key);
}

std::string SignedIdentityHmac(absl::string_view adv_secret, bool hosted,
                               absl::string_view signed_identity) {
  return HmacSha256(adv_secret,
                    absl::StrCat(hosted ? kHostedPrefix : "", signed_identity));
}

}  // namespace portrait::whatsapp
