// SignIns holds who is signed in to the console: a random cookie stands for a
// token, so that the token itself reaches neither the page nor the browser's
// disk.
#ifndef PORTRAIT_SERVER_HTTP_CONSOLE_SIGN_INS_H_
#define PORTRAIT_SERVER_HTTP_CONSOLE_SIGN_INS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/secret.h"

namespace portrait::http {

// A browser is signed out after this time without a request,
inline constexpr absl::Duration kSignInIdle = absl::Hours(12);
// and at the latest after this time.
inline constexpr absl::Duration kSignInAge = absl::Hours(24 * 7);
// A further sign-in ends the one of the same tenant, or of all tenants, that
// has not been used for the longest time.
inline constexpr size_t kMaxSignInsPerTenant = 50;
inline constexpr size_t kMaxSignIns = 1000;

// A link works once, within this time.
inline constexpr absl::Duration kLinkLife = absl::Minutes(15);
inline constexpr size_t kMaxLinksPerTenant = 5;
inline constexpr size_t kMaxLinks = 100;

// Thread-safe. Nothing is stored: a restart signs all browsers out.
class SignIns {
 public:
  explicit SignIns(Clock clock = SystemClock()) : clock_(std::move(clock)) {}

  // Returns the value of the cookie: 64 hexadecimal digits.
  std::string Start(absl::string_view token, absl::string_view tenant);
  // The token that the cookie stands for; nullopt if it has ended.
  std::optional<std::string> TokenOf(absl::string_view cookie);
  void End(absl::string_view cookie);

  // Returns the code of a link that signs in once: 64 hexadecimal digits.
  std::string MakeLink(absl::string_view token, absl::string_view tenant);
  // The token of a link; nullopt if it is unknown, used or expired.
  std::optional<std::string> UseLink(absl::string_view code);

 private:
  struct Entry {
    Secret token;
    std::string tenant;
    absl::Time started, used;
  };
  using Entries = absl::flat_hash_map<std::string, Entry>;

  std::string AddLocked(absl::string_view token, absl::string_view tenant,
                        size_t max_per_tenant, size_t max, Entries* entries)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Clock clock_;
  absl::Mutex mu_;
  Entries sign_ins_ ABSL_GUARDED_BY(mu_);  // by cookie
  Entries links_ ABSL_GUARDED_BY(mu_);     // by code
};

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_CONSOLE_SIGN_INS_H_
