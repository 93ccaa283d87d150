// The second step of reading a contact: accepts a cleaned text only if it is
// certainly one complete phone number; otherwise refuses it with the reason.
#ifndef PORTRAIT_CORE_CONTACT_NUMBER_READER_H_
#define PORTRAIT_CORE_CONTACT_NUMBER_READER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/contact/contact_text.h"

namespace portrait {

// The number of digits of a phone number with its country code, as text or as a
// JID. 15 is E.164's limit. 7 is the shortest mobile number of any national
// plan (Niue's); shorter numbers are landlines and services.
inline constexpr size_t kMinNumberDigits = 7;
inline constexpr size_t kMaxNumberDigits = 15;

// Returns the digits of the number, country code first. `default_country`
// ("DE"; empty: none) completes a number without a country code. Adds removed
// text to `cleaned->removed`: a trunk zero, a spreadsheet's ".0".
//
// libphonenumber gets only digits, because its parsing of letters, extensions
// and URIs is not wanted.
//
// Errors: a Refusal.
absl::StatusOr<std::string> ReadNumber(absl::string_view default_country,
                                       ContactText* cleaned);

// Whether `digits` are a complete number, country code first, that needs no
// change. This is the common case, and it needs no call into libphonenumber.
bool IsPlainNumber(absl::string_view digits);

// Whether numbers can belong to the country: "DE", "us".
bool IsCountry(absl::string_view code);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_NUMBER_READER_H_
