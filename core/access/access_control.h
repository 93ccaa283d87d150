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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/rights.h"
#include "core/base/clock.h"
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
  // the file was removed. `store` is borrowed.
  //
  // Errors: those of the store; UNAVAILABLE if the file cannot be written.
  static absl::StatusOr<std::unique_ptr<AccessControl>> Open(
      KeyValueStore& store, const std::string& admin_token_file,
      Clock clock = SystemClock());
  virtual ~AccessControl() = default;

  // `authorization` is the metadata's value, "Bearer TOKEN". If `needed` is
  // RIGHT_UNSPECIFIED, any valid token is accepted.
  //
  // Errors: UNAUTHENTICATED (no token, or an unknown or expired one),
  // PERMISSION_DENIED (the token does not have the right).
  virtual absl::StatusOr<Principal> Authenticate(
      absl::string_view authorization, v1::Right needed) const = 0;

  // Checks that the token of `caller` is still valid, for long-running calls.
  // UNAUTHENTICATED if it was revoked or has expired.
  virtual absl::Status CheckStillValid(const Principal& caller) const = 0;

  // Creates a token like `wanted`, with a new id and creation time. If `wanted`
  // has no rights, the token gets those of its role.
  //
  // Errors: FAILED_PRECONDITION (kMaxTokens, kMaxTokensPerTenant; expired
  // tokens are erased first), those of the store.
  virtual absl::StatusOr<NewToken> CreateToken(v1::Token wanted) = 0;

  // The tokens of one tenant, or all if `tenant` is empty; oldest first.
  virtual std::vector<v1::Token> ListTokens(absl::string_view tenant) const = 0;

  // The combined limits of the tenant's valid tokens; no limits if it has none.
  virtual TenantLimits LimitsOf(absl::string_view tenant) const = 0;

  // Refuses the token from now on, even if the store then fails.
  //
  // Errors: NOT_FOUND; those of the store: a restart would accept the token
  // again, so revoke it once more.
  virtual absl::Status RevokeToken(absl::string_view token_id) = 0;

  // Makes a new admin token, replaces the file's content by it, and revokes all
  // other tokens of the tenant "admin". Errors: those of Open.
  virtual absl::Status ResetAdminToken() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_
