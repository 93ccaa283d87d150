#include "core/session/testing/sample_accounts.h"

#include <string>

#include "absl/time/time.h"

namespace portrait {
namespace {

// The kept samples in tests/data were written with this time.
const absl::Time kLinkedAt = absl::FromUnixSeconds(1'763'716'800);

whatsapp::KeyPair KeyPairOf(char byte) {
  return whatsapp::KeyPairFromPrivate(std::string(whatsapp::kKeyBytes, byte));
}

whatsapp::Device SampleDevice(char number) {
  whatsapp::Device device;
  device.noise_key = KeyPairOf('n');
  device.identity_key = KeyPairOf('i');
  device.signed_prekey = {
      .id = 1,
      .key = KeyPairOf(number),
      .signature = std::string(whatsapp::kSignatureBytes, 's')};
  device.registration_id = 4711;
  device.adv_secret = std::string(32, 'a');
  device.prekey_seed = std::string(32, 'p');
  device.jid = {std::string("1310555123") + number, whatsapp::kUserServer, 7};
  device.lid = {std::string("10087599758954") + number, whatsapp::kLidServer,
                7};
  device.push_name = "Sample";
  device.platform = "android";
  device.account_identity = "\x0a\x01x";
  device.paired_at = kLinkedAt;
  device.login_counter = 5;
  device.next_prekey_id = 813;
  return device;
}

}  // namespace

std::vector<Account> SampleAccounts() {
  return {
      {.name = "banned",
       .device = SampleDevice('1'),
       .banned_until = kLinkedAt + absl::Hours(24 * 365 * 100),
       .ban_reason = "temporarily banned"},
      {.name = "paused", .device = SampleDevice('2'), .paused = true},
      {.name = "plain", .device = SampleDevice('3')},
      {.name = "proxied",
       .device = SampleDevice('4'),
       .proxy = "socks5://ann:secret@proxy.example.net:1080"},
  };
}

}  // namespace portrait
