#include "client/cli/cell_shape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/cli/text_fold.h"

namespace portrait::cli {
namespace {

constexpr int kMinDigits = 7;
constexpr int kMaxDigits = 15;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsJid(absl::string_view text) {
  for (const absl::string_view server :
       {"@s.whatsapp.net", "@c.us", "@lid", "@g.us", "@newsletter"}) {
    if (absl::EndsWith(text, server)) return text.size() > server.size();
  }
  return false;
}

// 2026-09-23, 23.09.2026, 9/23/2026, with or without a time.
bool IsDate(absl::string_view text) {
  std::vector<int> lengths = {0};
  char separator = '\0';
  for (const char c : text) {
    if (c == ' ' || c == 'T') break;
    if (IsDigit(c)) {
      ++lengths.back();
      continue;
    }
    if (!absl::StrContains("-./", c)) return false;
    if (separator != '\0' && c != separator) return false;
    separator = c;
    lengths.push_back(0);
  }
  return lengths.size() == 3 && lengths[1] >= 1 && lengths[1] <= 2 &&
         ((lengths[0] == 4 && lengths[2] <= 2) ||
          (lengths[0] <= 2 && lengths[2] == 4));
}

bool IsRounded(absl::string_view text) {
  const size_t exponent = text.find_first_of("eE");
  if (exponent == 0 || exponent == absl::string_view::npos) return false;
  absl::string_view digits = text.substr(exponent + 1);
  absl::ConsumePrefix(&digits, "+");
  const absl::string_view mantissa = text.substr(0, exponent);
  return !digits.empty() &&
         std::all_of(digits.begin(), digits.end(), IsDigit) &&
         std::all_of(mantissa.begin(), mantissa.end(),
                     [](char c) { return IsDigit(c) || c == '.' || c == ','; });
}

// Without what a spreadsheet or a person has put around it.
absl::string_view Unwrap(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  absl::ConsumePrefix(&text, "=");
  while (!text.empty() && absl::StrContains("'\"`", text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && absl::StrContains("'\"`;,", text.back())) {
    text.remove_suffix(1);
  }
  return absl::StripAsciiWhitespace(text);
}

// "tel:", "Mob.": letters and a sign before a number. False: there are none.
bool ConsumeLabel(absl::string_view* text) {
  size_t letters = 0;
  while (letters < text->size() &&
         absl::ascii_isalpha(static_cast<unsigned char>((*text)[letters]))) {
    ++letters;
  }
  constexpr size_t kMaxLabel = 12;
  if (letters == 0 || letters > kMaxLabel || letters == text->size() ||
      !absl::StrContains(":.", (*text)[letters])) {
    return false;
  }
  *text = absl::StripLeadingAsciiWhitespace(text->substr(letters + 1));
  return true;
}

bool ConsumeLink(absl::string_view* text) {
  if (!absl::ConsumePrefix(text, "https://")) {
    absl::ConsumePrefix(text, "http://");
  }
  return absl::ConsumePrefix(text, "wa.me/") ||
         absl::ConsumePrefix(text, "api.whatsapp.com/send?phone=");
}

}  // namespace

CellShape ShapeOf(absl::string_view cell) {
  const std::string signs =
      absl::StrReplaceAll(AsciiSigns(cell), {{"\xE2\x80\x98", "'"},
                                             {"\xE2\x80\x99", "'"},
                                             {"\xE2\x80\x9C", "\""},
                                             {"\xE2\x80\x9D", "\""}});
  absl::string_view text = Unwrap(signs);
  if (text.empty()) return CellShape::kEmpty;
  if (IsJid(text)) return CellShape::kContact;
  if (IsDate(text)) return CellShape::kDate;
  if (IsRounded(text)) return CellShape::kRounded;
  bool marked = ConsumeLink(&text);
  if (!marked) ConsumeLabel(&text);
  marked |= absl::StartsWith(text, "+") || absl::StartsWith(text, "(+");
  int digits = 0;
  bool plain = true;
  for (const char c : text) {
    if (IsDigit(c)) {
      ++digits;
    } else if (!absl::StrContains(" +-()./_", c)) {
      plain = false;
    }
  }
  if (digits < kMinDigits) return CellShape::kText;
  if (!plain || digits > kMaxDigits) return CellShape::kNumberish;
  return marked ? CellShape::kContact : CellShape::kBareNumber;
}

}  // namespace portrait::cli
