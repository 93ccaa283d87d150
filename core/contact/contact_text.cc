#include "core/contact/contact_text.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "core/contact/refusal.h"

namespace portrait {
namespace {

// ---- characters ------------------------------------------------------------

// The zero of each script's decimal digits (Unicode category Nd); the other
// nine digits follow it.
constexpr uint32_t kZeros[] = {
    0x0660, 0x06F0, 0x07C0, 0x0966,  0x09E6,  0x0A66,  0x0AE6,  0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0E50,  0x0ED0,  0x0F20,  0x1040,  0x17E0, 0x1810,
    0xA8D0, 0xABF0, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6};

std::optional<char> DigitOf(uint32_t code) {
  for (const uint32_t zero : kZeros) {
    if (code >= zero && code <= zero + 9) {
      return static_cast<char>('0' + (code - zero));
    }
  }
  return std::nullopt;
}

bool IsBetween(uint32_t code, uint32_t first, uint32_t last) {
  return code >= first && code <= last;
}

// After this mark, a text is displayed with its digits in reverse order. Other
// direction marks do not change the displayed order of digits.
constexpr uint32_t kRightToLeftOverride = 0x202E;

// Whether a character has no width: direction marks, joiners, a byte order
// mark, soft hyphens, variation selectors.
bool IsInvisible(uint32_t code) {
  return code == 0xAD || code == 0x34F || code == 0x61C || code == 0x180E ||
         code == 0xFEFF || IsBetween(code, 0x200B, 0x200F) ||
         IsBetween(code, 0x202A, 0x202E) || IsBetween(code, 0x2060, 0x206F) ||
         IsBetween(code, 0xFE00, 0xFE0F);
}

// The ASCII character that replaces a punctuation character; 0: none.
char AsciiSignOf(uint32_t code) {
  if (code == 0xA0 || code == 0x1680 || code == 0x202F || code == 0x205F ||
      code == 0x3000 || IsBetween(code, 0x2000, 0x200A)) {
    return ' ';
  }
  if (IsBetween(code, 0x2010, 0x2015) || code == 0x2043 || code == 0x2212 ||
      code == 0x30FC || code == 0xFE58 || code == 0xFE63 || code == 0xFF0D) {
    return '-';
  }
  switch (code) {
    case 0xFF0B:
    case 0xFE62:
    case 0x2795:
      return '+';
    case 0xFF08:
      return '(';
    case 0xFF09:
      return ')';
    case 0xFF0E:
      return '.';
    case 0xFF0F:
      return '/';
    case 0xFF1A:
      return ':';
    case 0xFF20:
      return '@';
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0xB4:
    case 0x2032:
      return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0xAB:
    case 0xBB:
    case 0xFF02:
      return '"';
    default:
      return '\0';
  }
}

void AddOnce(absl::string_view what, std::vector<std::string>* removed) {
  if (std::find(removed->begin(), removed->end(), what) == removed->end()) {
    removed->emplace_back(what);
  }
}

absl::Status FoldCharacters(absl::string_view text, ContactText* cleaned) {
  while (!text.empty()) {
    const size_t size = Utf8CharacterSize(text);
    if (size == 0) return Refuse(Refusal::kInvalidText, "is not UTF-8");
    const uint32_t code = Utf8CodePoint(text.substr(0, size));
    if (code == '\n' || code == '\r') {
      return Refuse(Refusal::kSeveralNumbers,
                    "a line break that may separate two numbers: write each "
                    "as a contact of its own");
    }
    if (code < 0x20 || IsBetween(code, 0x7F, 0x9F)) {
      return Refuse(Refusal::kInvalidText, "contains a control character");
    }
    if (code == kRightToLeftOverride) {
      return Refuse(
          Refusal::kInvalidText,
          "contains a Unicode mark that reverses the order of the digits");
    }
    if (code < 0x80) {
      cleaned->text.push_back(text[0]);
    } else if (const std::optional<char> digit = DigitOf(code)) {
      cleaned->text.push_back(*digit);
    } else if (IsInvisible(code)) {
      AddOnce("invisible marks", &cleaned->removed);
    } else if (const char sign = AsciiSignOf(code)) {
      cleaned->text.push_back(sign);
    } else {
      absl::StrAppend(&cleaned->text, text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return absl::OkStatus();
}

// ---- text around a number --------------------------------------------------

// Compared without distinguishing upper and lower case ASCII letters.
constexpr absl::string_view kLabels[] = {
    "whatsapp", "wapp",     "wa",        "telephone", "telefone", "telefon",
    "telefono", "teléfono", "téléphone", "telefoon",  "tel",      "tél",
    "phone",    "ph",       "mobile",    "mobil",     "mob",      "móvil",
    "movil",    "celular",  "cellulare", "cell",      "cel",      "handy",
    "callto",   "sms",      "p",         "m",         "t",        "c",
    "тел",      "телефон",  "моб",       "هاتف",      "جوال",     "电话",
    "手机",     "電話",     "携帯",      "📱",         "📞",        "☎",
    "Тел",      "Телефон",  "Моб"};

// A label must end in a colon, a full stop or a space, unless it is a symbol.
bool ConsumeLabel(absl::string_view* text, absl::string_view label) {
  if (!absl::StartsWithIgnoreCase(*text, label)) return false;
  absl::string_view rest = text->substr(label.size());
  const bool is_symbol = label[0] == '\xF0' || label == "☎";
  const size_t end = rest.find_first_not_of(".: ");
  const absl::string_view between = rest.substr(0, end);
  // A single letter without a colon is more likely an initial than a label.
  const bool needs_colon = label.size() == 1;
  if (needs_colon ? !absl::StrContains(between, ":")
                  : between.empty() && !is_symbol) {
    return false;
  }
  rest.remove_prefix(between.size());
  if (rest.empty() ||
      !(absl::ascii_isdigit(rest[0]) || rest[0] == '+' || rest[0] == '(')) {
    return false;
  }
  *text = rest;
  return true;
}

void RemoveLabel(ContactText* cleaned) {
  absl::string_view text = cleaned->text;
  for (const absl::string_view label : kLabels) {
    if (!ConsumeLabel(&text, label)) continue;
    cleaned->removed.push_back(absl::StrCat(
        "the label '", cleaned->text.substr(0, label.size()), "'"));
    cleaned->text = std::string(text);
    return;
  }
}

void Trim(std::string* text) {
  *text = std::string(absl::StripAsciiWhitespace(*text));
}

void RemoveQuotes(ContactText* cleaned) {
  absl::string_view text = cleaned->text;
  const bool has_equals = absl::ConsumePrefix(&text, "=");
  bool has_quotes = false;
  while (absl::ConsumePrefix(&text, "'") || absl::ConsumePrefix(&text, "\"") ||
         absl::ConsumePrefix(&text, "`")) {
    has_quotes = true;
  }
  while (absl::ConsumeSuffix(&text, "'") || absl::ConsumeSuffix(&text, "\"") ||
         absl::ConsumeSuffix(&text, "`")) {
    has_quotes = true;
  }
  if (has_equals) AddOnce("a spreadsheet's '='", &cleaned->removed);
  if (has_quotes) AddOnce("quotation marks", &cleaned->removed);
  cleaned->text = std::string(absl::StripAsciiWhitespace(text));
}

void RemoveTail(ContactText* cleaned) {
  const size_t end = cleaned->text.find_last_not_of(" ,;.");
  if (end == std::string::npos || end + 1 == cleaned->text.size()) return;
  AddOnce("the punctuation at the end", &cleaned->removed);
  cleaned->text.resize(end + 1);
}

// ---- WhatsApp's links ------------------------------------------------------

bool ConsumeAny(absl::string_view* text,
                std::initializer_list<absl::string_view> prefixes) {
  for (const absl::string_view prefix : prefixes) {
    if (!absl::StartsWithIgnoreCase(*text, prefix)) continue;
    text->remove_prefix(prefix.size());
    return true;
  }
  return false;
}

// The value of the query parameter "phone".
absl::string_view PhoneOf(absl::string_view query) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    absl::string_view field = query.substr(0, end);
    if (absl::ConsumePrefix(&field, "phone=")) return field;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return "";
}

absl::Status ReadLink(ContactText* cleaned) {
  absl::string_view text = cleaned->text;
  const bool is_app = ConsumeAny(&text, {"whatsapp://send"});
  if (!is_app) {
    ConsumeAny(&text, {"https://", "http://"});
    ConsumeAny(&text, {"www."});
  }
  absl::string_view number;
  if (is_app ||
      ConsumeAny(&text, {"api.whatsapp.com/send", "web.whatsapp.com/send"})) {
    absl::ConsumePrefix(&text, "/");
    if (!absl::ConsumePrefix(&text, "?")) text = "";
    number = PhoneOf(text.substr(0, text.find('#')));
  } else if (ConsumeAny(&text, {"wa.me/"})) {
    number = text.substr(0, text.find_first_of("?#/"));
  } else if (ConsumeAny(&text, {"chat.whatsapp.com/", "whatsapp.com/"})) {
    number = "";
  } else {
    return absl::OkStatus();
  }
  std::string plain =
      absl::StrReplaceAll(number, {{"%2B", "+"}, {"%2b", "+"}, {"%20", " "}});
  Trim(&plain);
  absl::string_view digits = plain;
  absl::ConsumePrefix(&digits, "+");
  if (digits.empty() || !absl::c_all_of(digits, absl::ascii_isdigit)) {
    return Refuse(Refusal::kShortLink,
                  "a WhatsApp link that does not show a phone number");
  }
  cleaned->text = std::string(digits);
  cleaned->removed.emplace_back("the link around the number");
  cleaned->is_international = true;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ContactText> CleanContactText(absl::string_view text) {
  ContactText cleaned;
  text = absl::StripAsciiWhitespace(text);
  RETURN_IF_ERROR(FoldCharacters(text, &cleaned));
  Trim(&cleaned.text);
  if (cleaned.text.empty()) return Refuse(Refusal::kEmpty, "empty");
  RemoveQuotes(&cleaned);
  RETURN_IF_ERROR(ReadLink(&cleaned));
  RemoveTail(&cleaned);
  RemoveLabel(&cleaned);
  if (cleaned.text.empty()) return Refuse(Refusal::kEmpty, "empty");
  return cleaned;
}

}  // namespace portrait
