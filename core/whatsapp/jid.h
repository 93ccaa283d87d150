// WhatsApp's addresses (JIDs). A person is known by a phone number (PN,
// 13105551234@s.whatsapp.net), by a hidden id (LID, 100875997589545@lid), or by
// both; each of their devices has a number, and 0 is the phone.
#ifndef PORTRAIT_CORE_WHATSAPP_JID_H_
#define PORTRAIT_CORE_WHATSAPP_JID_H_

#include <cstdint>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr char kUserServer[] = "s.whatsapp.net";
inline constexpr char kLegacyUserServer[] = "c.us";
inline constexpr char kLidServer[] = "lid";
inline constexpr char kGroupServer[] = "g.us";
inline constexpr char kBroadcastServer[] = "broadcast";
inline constexpr char kNewsletterServer[] = "newsletter";
inline constexpr char kHostedServer[] = "hosted";
inline constexpr char kHostedLidServer[] = "hosted.lid";
inline constexpr char kBotServer[] = "bot";
inline constexpr char kMessengerServer[] = "msgr";
inline constexpr char kInteropServer[] = "interop";
inline constexpr char kCallServer[] = "call";

// A value type; thread-compatible.
struct Jid {
  std::string user;  // empty: the server itself, "@s.whatsapp.net"
  std::string server;
  uint16_t device = 0;      // 0: the phone, or no device
  uint16_t integrator = 0;  // set for interop users only

  bool IsPhoneNumber() const { return server == kUserServer; }
  bool IsLid() const { return server == kLidServer; }
  bool IsGroup() const { return server == kGroupServer; }
  // The account of WhatsApp's own announcements; WhatsApp never answers a
  // lookup of it.
  bool IsAnnouncements() const {
    return user == "0" && (IsPhoneNumber() || server == kLegacyUserServer);
  }

  // "user[:device]@server"; interop: "integrator-user:device@interop".
  std::string ToString() const;

  // The account's JID: without device, and s.whatsapp.net in place of c.us.
  Jid WithoutDevice() const;

  bool operator==(const Jid&) const = default;
  auto operator<=>(const Jid&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Jid& jid) {
    return H::combine(std::move(h), jid.user, jid.server, jid.device,
                      jid.integrator);
  }
};

// The phone-number JID with these digits.
Jid PhoneNumberJid(absl::string_view digits);
// "@s.whatsapp.net", the address of the server.
const Jid& ServerJid();

// Parses "user[:device]@server" (an agent as in "user_agent:device@…" or
// "user.agent:device@…" is dropped), "@server" and interop's form. Keeps c.us
// as written. Does not check whether the user part is valid for its server.
//
// Errors: INVALID_ARGUMENT, saying what is wrong.
absl::StatusOr<Jid> ParseJid(absl::string_view text);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_JID_H_
