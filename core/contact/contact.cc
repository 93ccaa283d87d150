#include "core/contact/contact.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/contact/contact_text.h"
#include "core/contact/number_reader.h"
#include "core/contact/number_shape.h"
#include "core/contact/other_spelling.h"
#include "core/contact/refusal.h"

namespace portrait {
namespace {

// LIDs have about 15 digits, groups 18; WhatsApp does not document a limit.
constexpr size_t kMaxJidDigits = 32;
// The most bytes of a text that an error message repeats.
constexpr size_t kMaxShownBytes = 64;

absl::Status Invalid(absl::string_view what) {
  return Refuse(Refusal::kInvalidJid, what);
}

Contact MakePhoneNumber(absl::string_view digits) {
  Contact contact;
  contact.jid = whatsapp::PhoneNumberJid(digits);
  contact.kind = ContactKind::kPhoneNumber;
  contact.phone_number = absl::StrCat("+", digits);
  if (const auto other = FindOtherSpelling(digits)) {
    contact.other_jid = whatsapp::PhoneNumberJid(other->digits);
    contact.other_is_likelier = other->is_likelier;
  }
  return contact;
}

// ---- JIDs ------------------------------------------------------------------

// WhatsApp assigned the number in a JID, so no national plan is applied to it.
absl::StatusOr<Contact> ParseUserJid(const whatsapp::Jid& jid) {
  if (!IsDigits(jid.user)) {
    return Invalid(
        "a user's JID must have the phone number before the '@': digits only, "
        "with the country code and without a plus sign");
  }
  if (jid.user == "0") {
    return Invalid(
        "0@s.whatsapp.net is WhatsApp's own announcements account, which never "
        "answers");
  }
  if (jid.user[0] == '0') {
    return Invalid("a user's JID must begin with the country code, not with 0");
  }
  if (jid.user.size() < kMinNumberDigits) {
    return Refuse(Refusal::kTooShort, "too short for a user's JID");
  }
  if (jid.user.size() > kMaxNumberDigits) {
    return Refuse(Refusal::kTooLong, "too long for a user's JID");
  }
  return MakePhoneNumber(jid.user);
}

// "120363041234567890", or the old form "<creator's number>-<Unix seconds>".
bool IsGroupId(absl::string_view user) {
  if (user.size() > kMaxJidDigits) return false;
  const size_t dash = user.find('-');
  if (dash == absl::string_view::npos) return IsDigits(user);
  return IsDigits(user.substr(0, dash)) && IsDigits(user.substr(dash + 1));
}

absl::Status CheckDigits(const whatsapp::Jid& jid, absl::string_view what) {
  if (IsDigits(jid.user) && jid.user.size() <= kMaxJidDigits) {
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat(what, " must have only digits before the '@'"));
}

absl::Status UnknownServer(const whatsapp::Jid& jid) {
  if (jid.server == whatsapp::kBroadcastServer) {
    return Invalid("status and broadcast lists have no picture");
  }
  if (jid.server == whatsapp::kBotServer) {
    return Invalid("WhatsApp's own bots are not looked up");
  }
  return Invalid(
      absl::StrCat("'", absl::CEscape(jid.server.substr(0, kMaxShownBytes)),
                   "' is not a JID server that can be looked up "
                   "(s.whatsapp.net, c.us, lid, g.us, newsletter)"));
}

// Accounts with a hosted server part are treated as ordinary accounts.
void DropHosting(whatsapp::Jid* jid) {
  if (jid->server == whatsapp::kHostedServer) {
    jid->server = whatsapp::kUserServer;
  } else if (jid->server == whatsapp::kHostedLidServer) {
    jid->server = whatsapp::kLidServer;
  }
}

absl::StatusOr<Contact> ParseJidContact(absl::string_view text) {
  const absl::StatusOr<whatsapp::Jid> written = whatsapp::ParseJid(text);
  if (!written.ok()) return Invalid(written.status().message());
  whatsapp::Jid jid = written->WithoutDevice();
  DropHosting(&jid);
  if (jid.IsPhoneNumber()) return ParseUserJid(jid);
  ContactKind kind = ContactKind::kLid;
  if (jid.IsLid()) {
    RETURN_IF_ERROR(CheckDigits(jid, "a LID"));
  } else if (jid.IsGroup()) {
    kind = ContactKind::kGroup;
    if (!IsGroupId(jid.user)) {
      return Invalid(
          "a group's JID must have digits before the '@', or the older form "
          "<creator>-<time>");
    }
  } else if (jid.server == whatsapp::kNewsletterServer) {
    kind = ContactKind::kChannel;
    RETURN_IF_ERROR(CheckDigits(jid, "a channel's JID"));
  } else {
    return UnknownServer(jid);
  }
  Contact contact;
  contact.jid = std::move(jid);
  contact.kind = kind;
  return contact;
}

}  // namespace

bool Contact::Has(const whatsapp::Jid& address) const {
  return address == jid || (HasTwoAddresses() && address == other_jid);
}

void Contact::SwapAddresses() {
  if (!HasTwoAddresses()) return;
  std::swap(jid, other_jid);
  other_is_likelier = !other_is_likelier;
}

void Contact::PutFirst(absl::string_view key) {
  if (HasTwoAddresses() && key == other_jid.ToString()) SwapAddresses();
}

void Contact::PutLikelierFirst() {
  if (other_is_likelier) SwapAddresses();
}

std::vector<std::string> Contact::Keys() const {
  std::vector<std::string> keys = {jid.ToString()};
  if (HasTwoAddresses()) keys.push_back(other_jid.ToString());
  return keys;
}

std::string Contact::CanonicalKey() const {
  return (other_is_likelier ? other_jid : jid).ToString();
}

uint64_t Contact::PartitionKey() const {
  return PartitionKeyOf(CanonicalKey());
}

absl::StatusOr<ContactReading> ReadContact(absl::string_view text,
                                           absl::string_view default_country) {
  if (text.size() > kMaxContactBytes) {
    return Refuse(Refusal::kOversized,
                  absl::StrCat("longer than ", kMaxContactBytes, " bytes"));
  }
  if (!default_country.empty() && !IsCountry(default_country)) {
    return Refuse(Refusal::kUnknownCountry, kNoCountryCode);
  }
  // 1. The common case: strict E.164.
  if (absl::StartsWith(text, "+") && IsDigits(text.substr(1)) &&
      IsPlainNumber(text.substr(1))) {
    return ContactReading{MakePhoneNumber(text.substr(1)), {}};
  }
  // 2. Any other spelling: first remove the text around the number.
  ASSIGN_OR_RETURN(ContactText cleaned, CleanContactText(text));
  ContactReading reading;
  if (absl::StrContains(cleaned.text, "@")) {
    ASSIGN_OR_RETURN(reading.contact, ParseJidContact(cleaned.text));
  } else {
    ASSIGN_OR_RETURN(const std::string digits,
                     ReadNumber(default_country, &cleaned));
    reading.contact = MakePhoneNumber(digits);
  }
  reading.removed = std::move(cleaned.removed);
  return reading;
}

absl::StatusOr<Contact> ParseContact(absl::string_view text,
                                     absl::string_view default_country) {
  ASSIGN_OR_RETURN(ContactReading reading, ReadContact(text, default_country));
  return std::move(reading.contact);
}

}  // namespace portrait
