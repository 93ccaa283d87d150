#include "core/contact/number_shape.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/contact/refusal.h"

namespace portrait {
namespace {

constexpr absl::string_view kGroupingSigns = " -.()/";
// A number that is shorter than this is not on WhatsApp.
constexpr size_t kMinNumberDigits = 6;
// A spreadsheet's ".0" follows a whole number in one group.
constexpr size_t kMinDecimalDigits = 8;
// The most digits of a country code, a trunk zero and an area code together.
constexpr size_t kMaxAreaDigits = 9;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<uint8_t>(c)); }

size_t CountDigits(absl::string_view text) {
  return static_cast<size_t>(absl::c_count_if(text, IsDigit));
}

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<uint8_t>(c)) ||
         static_cast<uint8_t>(c) >= 0x80;
}

// The number of parts of the text, separated by any of `separators`, that are
// long enough to be phone numbers.
size_t CountNumbers(absl::string_view text, absl::string_view separators) {
  size_t numbers = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(separators), text.size());
    if (CountDigits(text.substr(0, end)) >= kMinNumberDigits) ++numbers;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

// "4.91511E+12"
bool IsExponent(absl::string_view text) {
  absl::ConsumePrefix(&text, "+");
  const size_t e = text.find_first_of("eE");
  if (e == absl::string_view::npos || e == 0) return false;
  absl::string_view power = text.substr(e + 1);
  if (!absl::ConsumePrefix(&power, "+")) absl::ConsumePrefix(&power, "-");
  return IsDigits(power) && absl::c_all_of(text.substr(0, e), [](char c) {
           return IsDigit(c) || c == '.' || c == ',';
         });
}

// Whether the text is digits, a word for "extension", and the last digits.
bool IsExtension(absl::string_view text) {
  size_t last = text.size();
  while (last > 0 && (IsDigit(text[last - 1]) || text[last - 1] == ' ')) --last;
  if (last == text.size() || last == 0) return false;
  absl::string_view word = text.substr(0, last);
  while (absl::ConsumeSuffix(&word, ".") || absl::ConsumeSuffix(&word, ":") ||
         absl::ConsumeSuffix(&word, " ") || absl::ConsumeSuffix(&word, "=")) {
  }
  for (const absl::string_view name :
       {"ext", "extn", "extension", "x", "#", "durchwahl", "dw", "ramal",
        "poste", "int", "interno", "anexo", "доб"}) {
    absl::string_view number = word;
    if (!absl::EndsWithIgnoreCase(number, name)) continue;
    number.remove_suffix(name.size());
    // "XX" is a mask, while "text" is not a word for "extension".
    const char before = number.empty() ? 'a' : number.back();
    if (!IsLetter(before) && CountDigits(number) > 0) return true;
  }
  return false;
}

// Whether some digits are replaced by X, * or a dot in the middle of the line.
bool IsMasked(absl::string_view text) {
  if (absl::c_count(text, '*') > 0 || absl::StrContains(text, "•") ||
      absl::StrContains(text, "●") || absl::StrContains(text, "…") ||
      absl::StrContains(text, "...") || absl::StrContains(text, "?")) {
    return true;
  }
  bool has_x = false;
  for (const char c : text) {
    if (c == 'x' || c == 'X') {
      has_x = true;
    } else if (IsLetter(c)) {
      return false;
    }
  }
  return has_x;
}

absl::Status RefuseSigns(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (absl::StrContains(lower, "phone-context") ||
      absl::StrContains(lower, ";isub") || absl::StrContains(lower, ";ext")) {
    return Refuse(Refusal::kTelParameters,
                  "parameters of a 'tel:' URI are not read: write the number "
                  "alone");
  }
  if (IsExponent(text)) {
    return Refuse(Refusal::kSpreadsheet,
                  "a spreadsheet has rounded this number: format its column "
                  "as text");
  }
  if (CountNumbers(text, ";,|&\\:+") > 1 ||
      (absl::c_count_if(text, IsLetter) > 0 && CountNumbers(text, "/") > 1)) {
    return Refuse(Refusal::kSeveralNumbers,
                  "more than one number: write each as a contact of its own");
  }
  // A telephone waits at ',,' and then dials on.
  if (IsExtension(text) || absl::StrContains(text, ",,")) {
    return Refuse(Refusal::kExtension,
                  "WhatsApp knows no extensions: write the number alone");
  }
  if (IsMasked(text)) {
    return Refuse(Refusal::kMasked, "some digits are masked");
  }
  if (absl::StrContains(text, "_")) {
    return Refuse(Refusal::kMasked, "a '_' that may stand for a digit");
  }
  if (absl::c_any_of(text, IsLetter)) {
    return Refuse(Refusal::kLetters,
                  "letters beside the digits: write the number alone");
  }
  return Refuse(Refusal::kUnreadable, "neither a phone number nor a JID");
}

// "0151/2345678" is one number; "+49 30 1234567 / 68" may be two.
absl::Status CheckSlashes(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return absl::OkStatus();
  const absl::string_view after = text.substr(slash + 1);
  if (absl::StrContains(after, "/") ||
      CountDigits(text.substr(0, slash)) > kMaxAreaDigits ||
      CountDigits(after) + 1 < kMinNumberDigits) {
    return Refuse(Refusal::kSeveralNumbers,
                  "a '/' that may separate two numbers: write each as a "
                  "contact of its own");
  }
  return absl::OkStatus();
}

// "4915112345678.0" loses its decimals; "4915112345.68" has lost digits.
absl::Status RemoveDecimals(absl::string_view* text, NumberShape* shape) {
  const size_t point = text->find_last_of(".,");
  if (point == absl::string_view::npos) return absl::OkStatus();
  absl::string_view whole = text->substr(0, point);
  const absl::string_view decimals = text->substr(point + 1);
  absl::ConsumePrefix(&whole, "+");
  if (!IsDigits(whole) || whole.size() < kMinDecimalDigits ||
      !IsDigits(decimals)) {
    return absl::OkStatus();
  }
  if (decimals.find_first_not_of('0') != absl::string_view::npos ||
      decimals.size() > 2) {
    return Refuse(Refusal::kSpreadsheet,
                  "a number with decimals: format its column as text");
  }
  *text = text->substr(0, point);
  shape->lost_decimals = true;
  return absl::OkStatus();
}

}  // namespace

bool IsDigits(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, IsDigit);
}

absl::StatusOr<NumberShape> ReadNumberShape(absl::string_view text) {
  NumberShape shape;
  if (CountDigits(text) == 0) {
    return Refuse(Refusal::kUnreadable, "neither a phone number nor a JID");
  }
  RETURN_IF_ERROR(RemoveDecimals(&text, &shape));
  absl::string_view rest = text;
  while (absl::ConsumePrefix(&rest, "(") || absl::ConsumePrefix(&rest, " ")) {
  }
  shape.has_plus = absl::ConsumePrefix(&rest, "+");
  for (const char c : rest) {
    if (IsDigit(c)) {
      shape.digits.push_back(c);
    } else if (absl::StrContains(kGroupingSigns, absl::string_view(&c, 1))) {
      shape.has_groups = true;
    } else if (c == '+' && CountNumbers(text, "+") > 1) {
      return Refuse(Refusal::kSeveralNumbers,
                    "more than one number: write each as a contact of its own");
    } else {
      return RefuseSigns(text);
    }
  }
  if (absl::StrContains(rest, "..")) return RefuseSigns(text);
  RETURN_IF_ERROR(CheckSlashes(text));
  return shape;
}

}  // namespace portrait
