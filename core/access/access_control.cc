#include "core/access/access_control.h"

#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/access/admin_token_file.h"
#include "core/access/token.h"
#include "core/base/proto_time.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {
namespace {

using store::v1::AccessToken;

// Keys of tokens in the store: this and the digest in hexadecimal. Usage
// counters stand beside them.
constexpr absl::string_view kTokenPrefix = "token/";
constexpr char kAdminTenant[] = "admin";
constexpr size_t kTokenIdBytes = 6;

// By what a digest's token is looked up; the whole digest is then compared.
uint64_t PrefixOf(absl::string_view digest) {
  uint64_t prefix = 0;
  std::memcpy(&prefix, digest.data(), sizeof(prefix));
  return prefix;
}

class StoredAccessControl final : public AccessControl {
 public:
  StoredAccessControl(KeyValueStore& store, Clock clock)
      : store_(store), clock_(std::move(clock)) {}

  absl::Status Load();
  absl::Status MakeAdminToken(const std::string& file);
  bool empty() const { return tokens_.empty(); }

  absl::StatusOr<Principal> Authenticate(absl::string_view authorization,
                                         v1::Role needed) const override;

 private:
  struct Entry {
    std::string digest;
    AccessToken token;
  };

  KeyValueStore& store_;
  const Clock clock_;
  // By PrefixOf(digest). Constant once opened.
  absl::flat_hash_map<uint64_t, Entry> tokens_;
};

absl::Status StoredAccessControl::Load() {
  ASSIGN_OR_RETURN(const auto entries, store_.List(kTokenPrefix));
  for (const auto& [key, value] : entries) {
    Entry entry;
    entry.digest = absl::HexStringToBytes(
        absl::string_view(key).substr(kTokenPrefix.size()));
    if (entry.digest.size() != TokenDigest("").size() ||
        !entry.token.ParseFromString(value)) {
      return absl::DataLossError("access: a stored token is unreadable");
    }
    const uint64_t prefix = PrefixOf(entry.digest);
    tokens_.insert_or_assign(prefix, std::move(entry));
  }
  return absl::OkStatus();
}

absl::Status StoredAccessControl::MakeAdminToken(const std::string& file) {
  const std::string secret = MakeTokenSecret();
  Entry entry;
  entry.digest = TokenDigest(secret);
  entry.token.set_token_id(absl::StrCat(
      "admin-", absl::BytesToHexString(RandomBytes(kTokenIdBytes))));
  entry.token.set_tenant(kAdminTenant);
  entry.token.set_role(v1::ROLE_ADMIN);
  *entry.token.mutable_create_time() = ToProto(clock_());

  // The file first: a crash in between leaves a secret that is good for nothing
  // and no token stored, so that the next start makes another. The other way
  // round nobody would ever know the secret.
  RETURN_IF_ERROR(WriteAdminTokenFile(file, secret));
  RETURN_IF_ERROR(store_.Put(
      absl::StrCat(kTokenPrefix, absl::BytesToHexString(entry.digest)),
      entry.token.SerializeAsString()));
  LogInfo("access: made an admin token, it is in {}", file);
  const uint64_t prefix = PrefixOf(entry.digest);
  tokens_.insert_or_assign(prefix, std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<Principal> StoredAccessControl::Authenticate(
    absl::string_view authorization, v1::Role needed) const {
  ASSIGN_OR_RETURN(const absl::string_view secret, ParseBearer(authorization));
  const std::string digest = TokenDigest(secret);
  const auto found = tokens_.find(PrefixOf(digest));
  if (found == tokens_.end() || !DigestsEqual(found->second.digest, digest)) {
    return absl::UnauthenticatedError("unknown token");
  }
  const AccessToken& token = found->second.token;
  if (token.has_expire_time() && FromProto(token.expire_time()) <= clock_()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "token ", token.token_id(), " has expired; ask for a new one"));
  }
  const v1::Role role = static_cast<v1::Role>(token.role());
  if (role != v1::ROLE_ADMIN && needed != v1::ROLE_UNSPECIFIED &&
      role != needed) {
    return absl::PermissionDeniedError(absl::StrCat("token ", token.token_id(),
                                                    " has not the role ",
                                                    v1::Role_Name(needed)));
  }
  return Principal{token.token_id(), token.tenant(), role};
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccessControl>> AccessControl::Open(
    KeyValueStore& store, const std::string& admin_token_file, Clock clock) {
  auto access = std::make_unique<StoredAccessControl>(store, std::move(clock));
  RETURN_IF_ERROR(access->Load());
  if (access->empty()) {
    RETURN_IF_ERROR(access->MakeAdminToken(admin_token_file));
  }
  return access;
}

}  // namespace portrait
