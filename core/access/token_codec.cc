#include "core/access/token_codec.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/access/token.h"
#include "portrait/store/v1/token.pb.h"

namespace portrait {
namespace {

v1::Token FromStored(const store::v1::Token& stored) {
  v1::Token token;
  token.set_token_id(stored.token_id());
  token.set_tenant(stored.tenant());
  token.set_role(static_cast<v1::Role>(stored.role()));
  token.set_monthly_quota(stored.monthly_quota());
  token.set_lookups_per_second(stored.lookups_per_second());
  token.set_enumeration_guard_off(stored.enumeration_guard_off());
  *token.mutable_rights() = RightsOf(token.role(), stored.rights()).ToProto();
  *token.mutable_create_time() = stored.create_time();
  if (stored.has_expire_time()) {
    *token.mutable_expire_time() = stored.expire_time();
  }
  return token;
}

}  // namespace

Rights RightsOf(v1::Role role,
                const google::protobuf::RepeatedField<int>& rights) {
  return rights.empty() ? Rights::OfRole(role) : Rights(rights);
}

std::string TokenKey(absl::string_view digest) {
  return absl::StrCat(kTokenPrefix, absl::BytesToHexString(digest));
}

std::string EncodeToken(const v1::Token& token) {
  store::v1::Token stored;
  stored.set_token_id(token.token_id());
  stored.set_tenant(token.tenant());
  stored.set_role(token.role());
  stored.set_monthly_quota(token.monthly_quota());
  stored.set_lookups_per_second(token.lookups_per_second());
  stored.set_enumeration_guard_off(token.enumeration_guard_off());
  *stored.mutable_rights() = token.rights();
  *stored.mutable_create_time() = token.create_time();
  if (token.has_expire_time()) {
    *stored.mutable_expire_time() = token.expire_time();
  }
  return stored.SerializeAsString();
}

absl::StatusOr<TokenEntry> DecodeToken(absl::string_view key,
                                       const std::string& value,
                                       size_t* by_role) {
  TokenEntry entry;
  entry.digest = absl::HexStringToBytes(key.substr(kTokenPrefix.size()));
  store::v1::Token stored;
  if (entry.digest.size() != TokenDigest("").size() ||
      !stored.ParseFromString(value) || stored.token_id().empty()) {
    return absl::DataLossError("access: a stored token is unreadable");
  }
  entry.token = FromStored(stored);
  if (stored.rights().empty() && stored.role() == v1::ROLE_LOOKUP) ++*by_role;
  return entry;
}

}  // namespace portrait
