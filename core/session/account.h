// A linked WhatsApp account: the device that WhatsApp knows, and Portrait's and
// the operators' settings for the account.
#ifndef PORTRAIT_CORE_SESSION_ACCOUNT_H_
#define PORTRAIT_CORE_SESSION_ACCOUNT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/secret.h"
#include "core/whatsapp/device.h"

namespace portrait {

// A value type; thread-compatible. Secret: never logged.
struct Account {
  std::string name;  // the session's name
  whatsapp::Device device = {};
  // The proxy for the account's connections, see whatsapp::ParseProxy(); empty:
  // the proxy of SessionOptions.
  std::string proxy = "";
  // An operator has paused the account, so it gets no work.
  bool paused = false;
  // WhatsApp refuses logins until this time, for this reason.
  absl::Time banned_until = absl::UnixEpoch();
  absl::Duration ban_length = absl::ZeroDuration();  // zero: unknown
  std::string ban_reason = "";
};

// The remaining time of the account's ban at `now`; zero or less if the ban is
// over. It is at most the length that WhatsApp sent: a clock that ran ahead
// when the ban began, and was corrected since, does not lengthen the ban.
absl::Duration BanLeft(const Account& account, absl::Time now);

// The version of the records that SerializeAccount writes.
//
//   1  the account's fields were among those of the device
//   2  store.v1.StoredAccount
inline constexpr uint32_t kAccountVersion = 2;

// Serializes the account without the name, which is the record's key.
Secret SerializeAccount(const Account& account);

struct ParsedAccount {
  Account account;
  uint32_t version = kAccountVersion;  // the record's version
};
// Parses records of every version.
//
// Errors: DATA_LOSS naming the session, if the bytes are not an account, or an
// account of a later version.
absl::StatusOr<ParsedAccount> ParseAccount(std::string name,
                                           absl::string_view bytes);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_ACCOUNT_H_
