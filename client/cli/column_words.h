// What the columns of exported lists are called.
#ifndef PORTRAIT_CLIENT_CLI_COLUMN_WORDS_H_
#define PORTRAIT_CLIENT_CLI_COLUMN_WORDS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace portrait::cli {

// How clearly a name speaks of a person's phone number; 0 is the clearest.
// Nothing: it does not, or it is about something else ("Phone type", a fax).
std::optional<size_t> PhoneRank(absl::string_view name);

// "Number", "Contact": a phone number only if the cells say so, too.
bool IsVagueName(absl::string_view name);

// The name says that the column holds no phone number: "Customer ID".
bool IsOtherName(absl::string_view name);

// Whether the name is one that exported lists have ("Name", "Phone").
bool IsKnownName(absl::string_view name);

enum class CountryName {
  kNone,
  kGuess,     // "CC": a country only if nothing else says one
  kCountry,   // "Country", "Land"
  kDialCode,  // "Dial code", "Vorwahl"
};
CountryName CountryNameOf(absl::string_view name);

// One of ours, as an earlier run has written it.
bool IsOwnColumn(absl::string_view name);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COLUMN_WORDS_H_
