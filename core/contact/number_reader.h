// The second step of reading a contact: a cleaned text is certainly one
// complete phone number, or it is refused with the reason.
#ifndef PORTRAIT_CORE_CONTACT_NUMBER_READER_H_
#define PORTRAIT_CORE_CONTACT_NUMBER_READER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/contact/contact_text.h"

namespace portrait {

// Of a phone number with its country code, as a text and as a JID alike. 15 is
// E.164's limit. 7 is the shortest mobile number of any national plan (Niue's);
// shorter ones are landlines and services.
inline constexpr size_t kMinNumberDigits = 7;
inline constexpr size_t kMaxNumberDigits = 15;

// The digits of the number, country code first. `default_country` ("DE"; empty:
// none) completes a number without a country code. Notes in `cleaned->removed`
// what the number lost: a trunk zero, a spreadsheet's ".0".
//
// libphonenumber is given digits and nothing else: its reading of letters,
// extensions and URIs is never asked for.
//
// Errors: a Refusal.
absl::StatusOr<std::string> ReadNumber(absl::string_view default_country,
                                       ContactText* cleaned);

// The same of plain digits with the country code first, without a note. The
// common case, which needs no library.
bool IsPlainNumber(absl::string_view digits);

// Whether numbers can belong to the country: "DE", "us".
bool IsCountry(absl::string_view code);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_NUMBER_READER_H_
