// Access tokens. A token is 32 random bytes that are shown once; only its
// SHA-256 is kept. Each token belongs to a tenant: the customer, team or
// program whose lookups are counted together.
#ifndef PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_
#define PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/access/rights.h"
#include "core/access/tenant_numbers.h"
#include "core/access/token_table.h"
#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/store/key_value_store.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

inline constexpr size_t kMaxTokens = 10'000;
inline constexpr size_t kMaxTokensPerTenant = 100;

// The tenant of the token in the admin token file.
inline constexpr char kAdminTenant[] = "admin";

// An authenticated caller. A value type.
struct Principal {
  std::string token_id;
  std::string tenant;
  Rights rights = {};
  uint32_t tenant_number = 0;  // as TenantNumbers gives it
};

// The combined limits of a tenant's tokens: the smallest value of each limit
// that is not 0, and the guard if any of the tokens wants it. A value type.
struct TenantLimits {
  uint64_t monthly_quota = 0;     // lookups; 0: no limit
  double lookups_per_second = 0;  // 0: no limit
  bool enumeration_guard = false;
};

// Thread-safe. Const methods use memory only; methods that change tokens block
// on the disk.
class AccessControl {
 public:
  struct NewToken {
    v1::Token token;
    std::string secret;  // returned only here: the store has its hash
  };

  // At the first start, makes the admin token and writes it to
  // `admin_token_file` (mode 0600). Later starts do not write it again, even if
  // the file was removed, unless there is a `shared_key`: then each server that
  // has the key writes the admin token to its own file, see
  // shared_admin_token.h. `store` is borrowed.
  //
  // Errors: those of the store; UNAVAILABLE if the file cannot be written.
  static absl::StatusOr<std::unique_ptr<AccessControl>> Open(
      KeyValueStore& store, const std::string& admin_token_file,
      Clock clock = SystemClock(), Secret shared_key = {});
  AccessControl(const AccessControl&) = delete;
  AccessControl& operator=(const AccessControl&) = delete;

  // `authorization` is the metadata's value, "Bearer TOKEN". If `needed` is
  // RIGHT_UNSPECIFIED, any valid token is accepted.
  //
  // Errors: UNAUTHENTICATED (no token, or an unknown or expired one),
  // PERMISSION_DENIED (the token does not have the right).
  absl::StatusOr<Principal> Authenticate(absl::string_view authorization,
                                         v1::Right needed) const;

  // Checks that the token of `caller` is still valid, for long-running calls.
  // UNAUTHENTICATED if it was revoked or has expired.
  absl::Status CheckStillValid(const Principal& caller) const;

  // Creates a token like `wanted`, with a new id and creation time. If `wanted`
  // has no rights, the token gets those of its role.
  //
  // Errors: FAILED_PRECONDITION (kMaxTokens, kMaxTokensPerTenant; expired
  // tokens are erased first), those of the store.
  absl::StatusOr<NewToken> CreateToken(v1::Token wanted);

  // The tokens of one tenant, or all if `tenant` is empty; oldest first.
  std::vector<v1::Token> ListTokens(absl::string_view tenant) const;

  // The combined limits of the tenant's valid tokens; no limits if it has none.
  TenantLimits LimitsOf(absl::string_view tenant) const;

  // Refuses the token from now on, even if the store then fails.
  //
  // Errors: NOT_FOUND; those of the store: a restart would accept the token
  // again, so revoke it once more.
  absl::Status RevokeToken(absl::string_view token_id);

  // Makes a new admin token, replaces the file's content by it, and revokes all
  // other tokens of the tenant "admin". Errors: those of Open.
  absl::Status ResetAdminToken();

 private:
  AccessControl(KeyValueStore& store, std::string admin_token_file, Clock clock,
                Secret shared_key);

  absl::Status Load();
  bool IsEmpty() const;
  absl::StatusOr<TokenEntry> NewEntry(v1::Token wanted,
                                      absl::string_view secret);
  absl::Status MakeRoom(const std::string& tenant);
  absl::Status CheckRoomLocked(const std::string& tenant) const
      ABSL_SHARED_LOCKS_REQUIRED(mu_);
  absl::Status Store(const TokenEntry& entry, absl::string_view salt = "");

  KeyValueStore& store_;
  const std::string admin_token_file_;
  const Clock clock_;
  const Secret shared_key_;  // empty: tokens are this server's own
  TenantNumbers numbers_;

  mutable absl::Mutex mu_;
  TokenTable tokens_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_
