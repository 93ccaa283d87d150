// Names of columns in exported lists.
#ifndef PORTRAIT_CLIENT_CLI_COLUMN_WORDS_H_
#define PORTRAIT_CLIENT_CLI_COLUMN_WORDS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// How clearly a name means a person's phone number; 0 is the clearest. nullopt:
// it does not, or means something else ("Phone type", a fax).
std::optional<size_t> PhoneRank(absl::string_view name);
// The rank of "Company Main Phone": it reaches the person's company, and is
// read only where the list has no other phone column.
inline constexpr size_t kCompanyRank = 6;

// "Number", "Contact": a phone number only if the cells confirm it.
bool IsVagueName(absl::string_view name);

// Whether the name excludes phone numbers: "Customer ID".
bool IsOtherName(absl::string_view name);

// Whether the name is usual in exported lists ("Name", "Phone").
bool IsKnownName(absl::string_view name);

enum class CountryName {
  kNone,
  kGuess,     // "CC": a country only if no other column is one
  kCountry,   // "Country", "Land"
  kDialCode,  // "Dial code", "Vorwahl"
};
CountryName CountryNameOf(absl::string_view name);

// Whether an earlier run of `portrait` has written the column.
bool IsOwnColumn(absl::string_view name);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMN_WORDS_H_
