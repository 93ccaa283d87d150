// Turns numbers as people write them at home ("0712 989702") into the
// international form that the service takes, given the country.
#ifndef PORTRAIT_CLIENT_CLI_PHONE_NORMALIZER_H_
#define PORTRAIT_CLIENT_CLI_PHONE_NORMALIZER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait::cli {

// Whether `code` names a country that numbers can belong to ("DE", "us").
bool IsCountryCode(absl::string_view code);

// `contact` in E.164 ("+254712989702") when it is a number of `country`, given
// as a two-letter code. As it is when it is international already, a JID, no
// number, or `country` is empty or unknown: the server says what is wrong.
//
// "447400852443" is international although it lacks a "+": that reading wins
// when it makes a valid number and the national one does not. Thread-safe.
std::string Internationalize(absl::string_view contact,
                             absl::string_view country);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_PHONE_NORMALIZER_H_
