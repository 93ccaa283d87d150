// Who may call. A token is 32 random bytes, shown once; only its SHA-256 is
// kept.
#ifndef PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_
#define PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/clock.h"
#include "core/store/picture_store.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

struct Principal {
  std::string token_id;
  std::string tenant;
  v1::Role role = v1::ROLE_UNSPECIFIED;
};

// Thread-safe; Authenticate touches memory only.
class AccessControl {
 public:
  // Makes the admin token at the first start and writes it to
  // `admin_token_file` (mode 0600). Later starts leave it alone, also when the
  // file has been taken away.
  //
  // Errors: those of the store; UNAVAILABLE when the file cannot be written.
  static absl::StatusOr<std::unique_ptr<AccessControl>> Open(
      KeyValueStore& store, const std::string& admin_token_file,
      Clock clock = SystemClock());
  virtual ~AccessControl() = default;

  // `authorization` is the metadata's value, "Bearer TOKEN". ROLE_ADMIN may do
  // everything; `needed` ROLE_UNSPECIFIED is any caller with a token.
  //
  // Errors: UNAUTHENTICATED (no token, an unknown or an expired one),
  // PERMISSION_DENIED (the role is not enough).
  virtual absl::StatusOr<Principal> Authenticate(
      absl::string_view authorization, v1::Role needed) const = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_ACCESS_CONTROL_H_
