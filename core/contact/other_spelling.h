// Phone numbers that WhatsApp may know under another spelling than the one that
// is dialled today.
#ifndef PORTRAIT_CORE_CONTACT_OTHER_SPELLING_H_
#define PORTRAIT_CORE_CONTACT_OTHER_SPELLING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

struct OtherSpelling {
  std::string digits;
  // More accounts of such numbers are registered under it than as written.
  bool is_likelier = false;
};

// Of a number in digits, country code first:
//   Brazil     mobile numbers got a ninth digit, a 9 before the other eight;
//              accounts older than that keep eight, mostly outside the area
//              codes where it came first (11 to 28)
//   Mexico     a 1 after 52 was dialled until 2019, accounts keep it
//   Argentina  a 9 after 54 is dialled for mobiles from abroad only
// Nothing for all others.
std::optional<OtherSpelling> FindOtherSpelling(absl::string_view digits);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_OTHER_SPELLING_H_
