// Who may call. A token is 32 random bytes, shown once; only its SHA-256 is
// kept. Each belongs to a tenant: the customer, team or program whose lookups
// are counted together.
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

// Of the token in the admin token file.
inline constexpr char kAdminTenant[] = "admin";

// Who has authenticated. A value type.
struct Principal {
  std::string token_id;
  std::string tenant;
  Rights rights = {};
};

// What a tenant's tokens say together: the smallest of their figures that are
// not 0, and the guard if one of them wants it. A value type.
struct TenantLimits {
  uint64_t monthly_quota = 0;     // lookups; 0: no limit
  double lookups_per_second = 0;  // 0: no limit
  bool enumeration_guard = false;
};

// Thread-safe. What is const touches memory only; what changes tokens blocks on
// the disk.
class AccessControl {
 public:
  struct NewToken {
    v1::Token token;
    std::string secret;  // nowhere else: only its hash is kept
  };

  // Makes the admin token at the first start and writes it to
  // `admin_token_file` (mode 0600). Later starts leave it alone, also when the
  // file has been taken away. `store` is borrowed.
  //
  // Errors: those of the store; UNAVAILABLE when the file cannot be written.
  static absl::StatusOr<std::unique_ptr<AccessControl>> Open(
      KeyValueStore& store, const std::string& admin_token_file,
      Clock clock = SystemClock());
  virtual ~AccessControl() = default;

  // `authorization` is the metadata's value, "Bearer TOKEN". If `needed` is
  // RIGHT_UNSPECIFIED, any valid token will do.
  //
  // Errors: UNAUTHENTICATED (no token, an unknown or an expired one),
  // PERMISSION_DENIED (the token does not have the right).
  virtual absl::StatusOr<Principal> Authenticate(
      absl::string_view authorization, v1::Right needed) const = 0;

  // Whether the token that `caller` came with still stands: for calls that go
  // on for long. UNAUTHENTICATED when it was revoked or has expired.
  virtual absl::Status CheckStillValid(const Principal& caller) const = 0;

  // A token as `wanted`, whose id and time of creation are given here. If it
  // names no rights, it gets those of its role.
  //
  // Errors: FAILED_PRECONDITION (kMaxTokens, kMaxTokensPerTenant; expired ones
  // are erased first), those of the store.
  virtual absl::StatusOr<NewToken> CreateToken(v1::Token wanted) = 0;

  // Those of one tenant, or all when it is empty; oldest first.
  virtual std::vector<v1::Token> ListTokens(absl::string_view tenant) const = 0;

  // Of what its tokens that stand say; no limits when there are none.
  virtual TenantLimits LimitsOf(absl::string_view tenant) const = 0;

  // Refuses the token from now on, also if the store then fails.
  //
  // Errors: NOT_FOUND; those of the store: the token is refused until a restart
  // finds it again, so revoke it once more.
  virtual absl::Status RevokeToken(absl::string_view token_id) = 0;

  // Makes another admin token in place of the one in the file, and revokes the
  // others of the tenant "admin". Errors: as of Open.
  virtual absl::Status ResetAdminToken() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_
