// Finds the second spelling of a phone number, under which WhatsApp may know
// it: the numbers of some countries have changed.
#ifndef PORTRAIT_CORE_CONTACT_OTHER_SPELLING_H_
#define PORTRAIT_CORE_CONTACT_OTHER_SPELLING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

struct OtherSpelling {
  std::string digits;
  // More accounts are registered under this spelling than under the written
  // one.
  bool is_likelier = false;
};

// The other spelling of a number, given as digits with the country code first:
//   Brazil     mobile numbers got a ninth digit, a 9 before the other eight;
//              older accounts keep eight digits, mostly outside the area
//              codes that got it first (11 to 28)
//   Mexico     a 1 after 52 was dialled until 2019; accounts keep it
//   Argentina  a 9 after 54 is dialled for mobiles from abroad only
// Returns nothing for other countries.
std::optional<OtherSpelling> FindOtherSpelling(absl::string_view digits);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_OTHER_SPELLING_H_
