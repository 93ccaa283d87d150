// How access tokens are stored, under a key with the digest of their secret.
#ifndef PORTRAIT_CORE_ACCESS_TOKEN_CODEC_H_
#define PORTRAIT_CORE_ACCESS_TOKEN_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/rights.h"
#include "core/access/token_table.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

// The prefix of token keys in the store; the digest in hexadecimal follows. The
// same store has the usage counters.
inline constexpr absl::string_view kTokenPrefix = "token/";

std::string TokenKey(absl::string_view digest);

// A token without rights has the rights of its role.
Rights RightsOf(v1::Role role,
                const google::protobuf::RepeatedField<int>& rights);

std::string EncodeToken(const v1::Token& token);

// Increments `by_role` if a lookup token was stored without rights. The entry
// has no tenant number yet.
//
// Errors: DATA_LOSS.
absl::StatusOr<TokenEntry> DecodeToken(absl::string_view key,
                                       const std::string& value,
                                       size_t* by_role);

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_TOKEN_CODEC_H_
