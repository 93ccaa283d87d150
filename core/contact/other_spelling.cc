#include "core/contact/other_spelling.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace portrait {
namespace {

// National numbers of Mexico and Argentina have ten digits after the country
// code. Those of Brazil have a two-digit area code, then eight or nine digits.
constexpr size_t kShort = 12;
constexpr size_t kLong = 13;

// Area codes up to 28 were the first to get the ninth digit.
constexpr absl::string_view kLastOldArea = "28";

// National numbers begin with neither the mark nor 0, so the two spellings of a
// number lead to each other, and no third number leads to either of them.
std::optional<OtherSpelling> WithMark(absl::string_view digits, char mark) {
  const absl::string_view country = digits.substr(0, 2);
  absl::string_view national = digits.substr(2);
  const bool is_long = digits.size() == kLong;
  if (is_long && !absl::ConsumePrefix(&national, absl::string_view(&mark, 1))) {
    return std::nullopt;
  }
  if (national[0] == mark || national[0] == '0') return std::nullopt;
  if (is_long) return OtherSpelling{absl::StrCat(country, national), false};
  return OtherSpelling{
      absl::StrCat(country, absl::string_view(&mark, 1), national), true};
}

// Whether an eight-digit subscriber number is a mobile number. Mobile numbers
// begin with 6 to 9 after the area code (or after the added ninth digit).
bool IsOldMobile(absl::string_view subscriber) {
  return subscriber.size() == 8 && subscriber[0] >= '6';
}

std::optional<OtherSpelling> BrazilianSpelling(absl::string_view digits) {
  const absl::string_view area = digits.substr(2, 2);
  const bool nine_is_likelier = area <= kLastOldArea;
  if (digits.size() == kLong && digits[4] == '9' &&
      IsOldMobile(digits.substr(5))) {
    return OtherSpelling{absl::StrCat(digits.substr(0, 4), digits.substr(5)),
                         !nine_is_likelier};
  }
  if (digits.size() == kShort && IsOldMobile(digits.substr(4))) {
    return OtherSpelling{
        absl::StrCat(digits.substr(0, 4), "9", digits.substr(4)),
        nine_is_likelier};
  }
  return std::nullopt;
}

}  // namespace

std::optional<OtherSpelling> FindOtherSpelling(absl::string_view digits) {
  if (digits.size() != kShort && digits.size() != kLong) return std::nullopt;
  if (absl::StartsWith(digits, "55")) return BrazilianSpelling(digits);
  if (absl::StartsWith(digits, "52")) return WithMark(digits, '1');
  if (absl::StartsWith(digits, "54")) return WithMark(digits, '9');
  return std::nullopt;
}

}  // namespace portrait
