#include "core/access/access_control.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/access/admin_token_file.h"
#include "core/access/shared_admin_token.h"
#include "core/access/token.h"
#include "core/access/token_codec.h"
#include "core/base/proto_time.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

constexpr size_t kTokenIdBytes = 6;

// The smaller limit; 0 means no limit.
template <typename Number>
Number SmallerLimit(Number a, Number b) {
  if (a == 0) return b;
  return b == 0 ? a : std::min(a, b);
}

bool IsOlder(const v1::Token& a, const v1::Token& b) {
  const auto key = [](const v1::Token& token) {
    return std::make_tuple(token.create_time().seconds(),
                           token.create_time().nanos(),
                           absl::string_view(token.token_id()));
  };
  return key(a) < key(b);
}

absl::Status RevokedError(absl::string_view token_id) {
  return absl::UnauthenticatedError(
      absl::StrCat("token ", token_id, " has been revoked"));
}

absl::Status CheckStands(const TokenEntry& entry, absl::Time now) {
  if (entry.revoked) return RevokedError(entry.token.token_id());
  if (entry.HasExpired(now)) {
    return absl::UnauthenticatedError(absl::StrCat(
        "token ", entry.token.token_id(), " has expired; ask for a new one"));
  }
  return absl::OkStatus();
}

}  // namespace

AccessControl::AccessControl(KeyValueStore& store, std::string admin_token_file,
                             Clock clock, Secret shared_key)
    : store_(store),
      admin_token_file_(std::move(admin_token_file)),
      clock_(std::move(clock)),
      shared_key_(std::move(shared_key)),
      numbers_(store) {}

absl::StatusOr<std::unique_ptr<AccessControl>> AccessControl::Open(
    KeyValueStore& store, const std::string& admin_token_file, Clock clock,
    Secret shared_key) {
  auto access = absl::WrapUnique(new AccessControl(
      store, admin_token_file, std::move(clock), std::move(shared_key)));
  RETURN_IF_ERROR(access->Load());
  if (access->IsEmpty()) {
    RETURN_IF_ERROR(access->ResetAdminToken());
  } else if (!access->shared_key_.empty()) {
    RETURN_IF_ERROR(
        WriteSharedAdminToken(store, access->shared_key_, admin_token_file));
  }
  return access;
}

bool AccessControl::IsEmpty() const {
  absl::ReaderMutexLock lock(&mu_);
  return tokens_.size() == 0;
}

absl::Status AccessControl::Load() {
  ASSIGN_OR_RETURN(const auto stored, store_.List(kTokenPrefix));
  RETURN_IF_ERROR(numbers_.Load());
  size_t by_role = 0;
  absl::ReleasableMutexLock lock(&mu_);
  for (const auto& [key, value] : stored) {
    ASSIGN_OR_RETURN(TokenEntry entry, DecodeToken(key, value, &by_role));
    // Tenants that were created before tenants had numbers get a number here.
    ASSIGN_OR_RETURN(entry.tenant_number,
                     numbers_.NumberOf(entry.token.tenant()));
    if (tokens_.FindById(entry.token.token_id()) != nullptr) {
      return absl::DataLossError(absl::StrCat(
          "access: two tokens are stored as ", entry.token.token_id()));
    }
    tokens_.Insert(std::move(entry));
  }
  lock.Release();
  if (by_role > 0) {
    LogInfo(
        "access: {} lookup tokens were created before rights existed, and keep "
        "these rights: {}. ForgetContact with such a token applies to its own "
        "tenant only. To restrict a token, create a new one and revoke the old "
        "one",
        by_role, Rights::OfRole(v1::ROLE_LOOKUP).ToString());
  }
  return absl::OkStatus();
}

// ---- callers ---------------------------------------------------------------

absl::StatusOr<Principal> AccessControl::Authenticate(
    absl::string_view authorization, v1::Right needed) const {
  ASSIGN_OR_RETURN(const absl::string_view secret, ParseBearer(authorization));
  const std::string digest = TokenDigest(secret);
  const absl::Time now = clock_();
  Principal caller;
  {
    absl::ReaderMutexLock lock(&mu_);
    const TokenEntry* const entry = tokens_.FindByDigest(digest);
    if (entry == nullptr) return absl::UnauthenticatedError("unknown token");
    RETURN_IF_ERROR(CheckStands(*entry, now));
    caller.token_id = entry->token.token_id();
    caller.tenant = entry->token.tenant();
    caller.rights = Rights(entry->token.rights());
    caller.tenant_number = entry->tenant_number;
  }
  if (!caller.rights.Has(needed)) {
    return MissingRightError(caller.token_id, needed);
  }
  return caller;
}

absl::Status AccessControl::CheckStillValid(const Principal& caller) const {
  const absl::Time now = clock_();
  absl::ReaderMutexLock lock(&mu_);
  const TokenEntry* const entry = tokens_.FindById(caller.token_id);
  return entry == nullptr ? RevokedError(caller.token_id)
                          : CheckStands(*entry, now);
}

// ---- tokens ----------------------------------------------------------------

absl::StatusOr<TokenEntry> AccessControl::NewEntry(v1::Token wanted,
                                                   absl::string_view secret) {
  wanted.set_token_id(
      absl::StrCat(wanted.tenant(), "-",
                   absl::BytesToHexString(RandomBytes(kTokenIdBytes))));
  *wanted.mutable_create_time() = ToProto(clock_());
  *wanted.mutable_rights() = RightsOf(wanted.role(), wanted.rights()).ToProto();
  TokenEntry entry;
  ASSIGN_OR_RETURN(entry.tenant_number, numbers_.NumberOf(wanted.tenant()));
  entry.digest = TokenDigest(secret);
  entry.token = std::move(wanted);
  return entry;
}

absl::Status AccessControl::Store(const TokenEntry& entry,
                                  absl::string_view salt) {
  const std::string key = TokenKey(entry.digest);
  if (salt.empty()) return store_.Put(key, EncodeToken(entry.token));
  const std::pair<std::string, std::string> entries[] = {
      {kAdminSaltKey, std::string(salt)}, {key, EncodeToken(entry.token)}};
  return store_.PutAll(entries);
}

absl::Status AccessControl::CheckRoomLocked(const std::string& tenant) const {
  if (tokens_.size() >= kMaxTokens) {
    return absl::FailedPreconditionError(
        absl::StrCat("there are ", tokens_.size(), " tokens; the limit is ",
                     kMaxTokens, "; revoke some"));
  }
  if (tokens_.Of(tenant).size() >= kMaxTokensPerTenant) {
    return absl::FailedPreconditionError(
        absl::StrCat("tenant ", tenant, " has ", kMaxTokensPerTenant,
                     " tokens, which is the limit; revoke some"));
  }
  return absl::OkStatus();
}

// Erases expired tokens if there is no room for another token.
absl::Status AccessControl::MakeRoom(const std::string& tenant) {
  std::vector<std::string> expired;
  {
    const absl::Time now = clock_();
    absl::ReaderMutexLock lock(&mu_);
    if (CheckRoomLocked(tenant).ok()) return absl::OkStatus();
    for (const TokenEntry* entry : tokens_.All()) {
      if (entry->HasExpired(now)) expired.push_back(entry->token.token_id());
    }
  }
  for (const std::string& id : expired) RETURN_IF_ERROR(RevokeToken(id));
  return absl::OkStatus();
}

absl::StatusOr<AccessControl::NewToken> AccessControl::CreateToken(
    v1::Token wanted) {
  RETURN_IF_ERROR(MakeRoom(wanted.tenant()));
  NewToken made;
  made.secret = MakeTokenSecret();
  ASSIGN_OR_RETURN(const TokenEntry entry,
                   NewEntry(std::move(wanted), made.secret));
  made.token = entry.token;
  {
    absl::MutexLock lock(&mu_);
    RETURN_IF_ERROR(CheckRoomLocked(entry.token.tenant()));
    // The token is added to the table before it is stored. That is safe,
    // because no caller has the secret yet.
    tokens_.Insert(entry);
  }
  if (absl::Status status = Store(entry); !status.ok()) {
    absl::MutexLock lock(&mu_);
    tokens_.Erase(entry.token.token_id());
    return status;
  }
  LogInfo("access: created token {} of tenant {} with the rights {}",
          made.token.token_id(), made.token.tenant(),
          Rights(made.token.rights()).ToString());
  return made;
}

std::vector<v1::Token> AccessControl::ListTokens(
    absl::string_view tenant) const {
  std::vector<v1::Token> tokens;
  {
    absl::ReaderMutexLock lock(&mu_);
    for (const TokenEntry* entry :
         tenant.empty() ? tokens_.All() : tokens_.Of(tenant)) {
      if (!entry->revoked) tokens.push_back(entry->token);
    }
  }
  std::sort(tokens.begin(), tokens.end(), IsOlder);
  return tokens;
}

TenantLimits AccessControl::LimitsOf(absl::string_view tenant) const {
  const absl::Time now = clock_();
  TenantLimits limits;
  absl::ReaderMutexLock lock(&mu_);
  for (const TokenEntry* entry : tokens_.Of(tenant)) {
    if (!entry->Stands(now)) continue;
    const v1::Token& token = entry->token;
    limits.monthly_quota =
        SmallerLimit(limits.monthly_quota, token.monthly_quota());
    limits.lookups_per_second =
        SmallerLimit(limits.lookups_per_second, token.lookups_per_second());
    limits.enumeration_guard |= !token.enumeration_guard_off();
  }
  return limits;
}

absl::Status AccessControl::RevokeToken(absl::string_view token_id) {
  const std::string id(token_id);
  std::string digest;
  {
    absl::MutexLock lock(&mu_);
    TokenEntry* const entry = tokens_.FindById(id);
    if (entry == nullptr) {
      return absl::NotFoundError(absl::StrCat("there is no token ", id));
    }
    entry->revoked = true;
    digest = entry->digest;
  }
  RETURN_IF_ERROR(store_.Delete(TokenKey(digest)));
  {
    absl::MutexLock lock(&mu_);
    tokens_.Erase(id);
  }
  LogInfo("access: token {} is revoked", id);
  return absl::OkStatus();
}

absl::Status AccessControl::ResetAdminToken() {
  v1::Token admin;
  admin.set_tenant(kAdminTenant);
  admin.set_role(v1::ROLE_ADMIN);
  const std::string salt = shared_key_.empty() ? "" : MakeAdminSalt();
  const Secret secret = salt.empty() ? Secret(MakeTokenSecret())
                                     : SharedAdminSecret(shared_key_, salt);
  ASSIGN_OR_RETURN(const TokenEntry entry, NewEntry(std::move(admin), secret));
  const std::vector<v1::Token> before = ListTokens(kAdminTenant);

  // Write the file first: a crash in between leaves a secret without a stored
  // token, and the next start or reset makes another token. In the other order,
  // a crash could leave a stored token whose secret is lost.
  RETURN_IF_ERROR(WriteAdminTokenFile(admin_token_file_, secret));
  RETURN_IF_ERROR(Store(entry, salt));
  {
    absl::MutexLock lock(&mu_);
    tokens_.Insert(entry);
  }
  LogInfo("access: created an admin token in {}", admin_token_file_);
  for (const v1::Token& token : before) {
    RETURN_IF_ERROR(RevokeToken(token.token_id()));
  }
  return absl::OkStatus();
}

}  // namespace portrait
