// The reasons for which a text is refused as a contact.
#ifndef PORTRAIT_CORE_CONTACT_REFUSAL_H_
#define PORTRAIT_CORE_CONTACT_REFUSAL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace portrait {

enum class Refusal {
  kUnreadable,  // no digits, or signs that belong to no phone number
  kEmpty,
  kOversized,         // longer than kMaxContactBytes
  kInvalidText,       // not UTF-8, or control characters
  kLetters,           // letters beside the digits
  kMasked,            // digits replaced by X or *
  kExtension,         // an extension, which WhatsApp does not know
  kTelParameters,     // "tel:…;phone-context=…"
  kSeveralNumbers,    // more than one number
  kSpreadsheet,       // "4.91511E+12" and other numbers that lost digits
  kNotInternational,  // neither '+' nor a default country
  kAmbiguous,         // two readings are equally good
  kUnknownCountryCode,
  kTooShort,
  kTooLong,
  kImpossible,  // no number of its country has that many digits
  kBareLid,     // 14 or 15 digits without '+': rather a LID than a number
  kShortLink,   // a WhatsApp link that does not show the number
  kInvalidJid,
  kUnknownCountry,  // the default country is not an ISO 3166 code
};

// The name that tests/data and programs use, such as "too_short".
absl::string_view RefusalName(Refusal refusal);

// An INVALID_ARGUMENT status that carries `refusal`.
absl::Status Refuse(Refusal refusal, absl::string_view why);
// The refusal that `status` carries; kUnreadable if it carries none.
Refusal RefusalOf(const absl::Status& status);

}  // namespace portrait

#endif  // PORTRAIT_CORE_CONTACT_REFUSAL_H_
