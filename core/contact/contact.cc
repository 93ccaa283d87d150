#include "core/contact/contact.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "core/contact/number_plan.h"
#include "core/contact/other_spelling.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace portrait {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;
using Verdict = NumberPlan::Verdict;

// LIDs have 15 digits or so, groups 18; nobody promises that it stays so.
constexpr size_t kMaxJidDigits = 32;
// "＋", the plus sign of CJK keyboards.
constexpr absl::string_view kFullWidthPlus = "\xEF\xBC\x8B";

bool IsDigits(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::Status ImpossibleNumber(const NumberPlan::Judgement& judgement) {
  const int code = judgement.country_code;
  switch (judgement.verdict) {
    case Verdict::kTooShort:
      return Invalid(
          absl::StrCat("too short for a number of country code +", code));
    case Verdict::kTooLong:
      return Invalid(
          absl::StrCat("too long for a number of country code +", code));
    case Verdict::kInvalidLength:
      return Invalid(absl::StrCat("no number of country code +", code,
                                  " has that many digits"));
    case Verdict::kUnknownCountryCode:
    case Verdict::kPossible:
      break;
  }
  return Invalid("unknown country code");
}

Contact MakePhoneNumber(absl::string_view digits) {
  Contact contact;
  contact.jid = whatsapp::PhoneNumberJid(digits);
  contact.kind = ContactKind::kPhoneNumber;
  contact.phone_number = absl::StrCat("+", digits);
  if (const auto other = FindOtherSpelling(digits)) {
    contact.other_spelling = whatsapp::PhoneNumberJid(other->digits);
    contact.other_is_likelier = other->is_likelier;
  }
  return contact;
}

// ---- phone numbers ---------------------------------------------------------

// Whether `digits` are a possible number as they stand. A zero after the
// country code is a digit in some countries and a trunk prefix that does not
// belong there in others: libphonenumber knows which.
bool IsPlainNumber(absl::string_view digits) {
  const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(digits);
  return judgement.verdict == Verdict::kPossible &&
         digits[judgement.country_code_size] != '0';
}

// The digits of "+1 (310) 555-1234" and its like; nothing for what is not a
// plus sign, digits and the usual signs between them, or has a "(0)".
std::optional<std::string> UngroupedDigits(absl::string_view text) {
  absl::ConsumePrefix(&text, "(");
  if (!absl::ConsumePrefix(&text, "+")) return std::nullopt;
  if (absl::StrContains(text, "(0)")) return std::nullopt;
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(c)) {
      digits.push_back(c);
    } else if (!absl::StrContains(" -.()", absl::string_view(&c, 1))) {
      return std::nullopt;
    }
  }
  return digits;
}

size_t CountCodePoints(absl::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

// Digits of any script and nothing else, as ASCII; else nothing.
std::optional<std::string> AsciiDigits(absl::string_view text) {
  std::string digits(text);
  PhoneNumberUtil::GetInstance()->NormalizeDigitsOnly(&digits);
  if (digits.empty() || digits.size() != CountCodePoints(text)) {
    return std::nullopt;
  }
  return digits;
}

absl::Status NotInternational(absl::string_view text) {
  if (absl::StartsWith(text, "00")) {
    return Invalid(
        "not in international form: write '+' instead of the leading 00");
  }
  const bool has_digit =
      std::any_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!has_digit) return Invalid("neither a phone number nor a JID");
  return Invalid(
      "not in international form: write '+' and the country code first");
}

absl::Status UnreadableNumber(PhoneNumberUtil::ErrorType error) {
  switch (error) {
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      return Invalid("unknown country code");
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
      return Invalid("too short for a phone number");
    case PhoneNumberUtil::TOO_LONG_NSN:
      return Invalid("too long for a phone number");
    case PhoneNumberUtil::NOT_A_NUMBER:
    case PhoneNumberUtil::NO_PARSING_ERROR:
      break;
  }
  return Invalid("neither a phone number nor a JID");
}

// `text` begins with a plus sign, or "tel:" and one.
absl::StatusOr<Contact> ParseWithLibrary(absl::string_view text) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  // "ZZ": no country to complete national spellings by.
  const PhoneNumberUtil::ErrorType error =
      util.Parse(std::string(text), "ZZ", &number);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) {
    return UnreadableNumber(error);
  }
  std::string national;
  util.GetNationalSignificantNumber(number, &national);
  const std::string digits = absl::StrCat(number.country_code(), national);
  const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(digits);
  if (judgement.verdict != Verdict::kPossible) {
    return ImpossibleNumber(judgement);
  }
  return MakePhoneNumber(digits);
}

absl::StatusOr<Contact> ParsePhoneNumber(absl::string_view text) {
  // 1. The hot path: strict E.164, with or without its plus sign.
  const bool has_plus = absl::StartsWith(text, "+");
  const absl::string_view rest = has_plus ? text.substr(1) : text;
  if (IsDigits(rest)) {
    if (IsPlainNumber(rest)) return MakePhoneNumber(rest);
    if (!has_plus && rest[0] == '0') return NotInternational(text);
    absl::StatusOr<Contact> read = ParseWithLibrary(absl::StrCat("+", rest));
    const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(rest);
    if (read.ok() || judgement.verdict == Verdict::kPossible) return read;
    return ImpossibleNumber(judgement);
  }
  // 2. The same digits, grouped.
  if (std::optional<std::string> digits = UngroupedDigits(text);
      digits && IsPlainNumber(*digits)) {
    return MakePhoneNumber(*digits);
  }
  // 3. All else that says it is international.
  absl::string_view begin = text;
  while (absl::ConsumePrefix(&begin, "(") || absl::ConsumePrefix(&begin, " ")) {
  }
  if (absl::StartsWith(begin, "+") || absl::StartsWith(begin, kFullWidthPlus) ||
      absl::StartsWithIgnoreCase(begin, "tel:+")) {
    return ParseWithLibrary(begin);
  }
  if (std::optional<std::string> digits = AsciiDigits(text)) {
    if ((*digits)[0] == '0') return NotInternational(*digits);
    return ParseWithLibrary(absl::StrCat("+", *digits));
  }
  return NotInternational(text);
}

// ---- JIDs ------------------------------------------------------------------

absl::StatusOr<Contact> ParseUserJid(const whatsapp::Jid& jid) {
  if (!IsDigits(jid.user)) {
    return Invalid(
        "a user's JID has the number before the '@': digits, country code "
        "first, no plus sign");
  }
  if (jid.user == "0") {
    return Invalid(
        "0@s.whatsapp.net is WhatsApp's own announcements account, which never "
        "answers");
  }
  const NumberPlan::Judgement judgement = NumberPlan::Get().Judge(jid.user);
  if (judgement.verdict != Verdict::kPossible) {
    return ImpossibleNumber(judgement);
  }
  return MakePhoneNumber(jid.user);
}

// "120363041234567890", or of old "<creator's number>-<Unix seconds>".
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
  return Invalid(absl::StrCat(what, " has digits only before the '@'"));
}

absl::Status UnknownServer(const whatsapp::Jid& jid) {
  if (jid.server == whatsapp::kBroadcastServer) {
    return Invalid("status and broadcast lists have no picture");
  }
  if (jid.server == whatsapp::kBotServer) {
    return Invalid("WhatsApp's own bots are not looked up");
  }
  return Invalid(absl::StrCat("'", absl::Utf8SafeCEscape(jid.server),
                              "' is not a JID server we know (s.whatsapp.net, "
                              "c.us, lid, g.us, newsletter)"));
}

// Accounts hosted in the cloud are accounts like others.
void Unhost(whatsapp::Jid* jid) {
  if (jid->server == whatsapp::kHostedServer) {
    jid->server = whatsapp::kUserServer;
  } else if (jid->server == whatsapp::kHostedLidServer) {
    jid->server = whatsapp::kLidServer;
  }
}

absl::StatusOr<Contact> ParseJidContact(absl::string_view text) {
  ASSIGN_OR_RETURN(const whatsapp::Jid written, whatsapp::ParseJid(text));
  whatsapp::Jid jid = written.WithoutDevice();
  Unhost(&jid);
  if (jid.IsPhoneNumber()) return ParseUserJid(jid);
  ContactKind kind = ContactKind::kLid;
  if (jid.IsLid()) {
    RETURN_IF_ERROR(CheckDigits(jid, "a LID"));
  } else if (jid.IsGroup()) {
    kind = ContactKind::kGroup;
    if (!IsGroupId(jid.user)) {
      return Invalid(
          "a group's JID has digits before the '@', or of old "
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

absl::StatusOr<Contact> ParseContact(absl::string_view text) {
  if (text.size() > kMaxContactBytes) {
    return Invalid(absl::StrCat("longer than ", kMaxContactBytes, " bytes"));
  }
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return Invalid("empty");
  if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    return Invalid("contains a control character");
  }
  if (!IsUtf8(text)) return Invalid("is not UTF-8");
  if (absl::StrContains(text, "@")) return ParseJidContact(text);
  return ParsePhoneNumber(text);
}

}  // namespace portrait
