// The accounts and groups of the simulated network: a pure function of number
// and seed, so that every possible number has an account, combined with
// overrides.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DIRECTORY_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DIRECTORY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/whatsapp/jid.h"
#include "tests/whatsapp_sim/directory/lid_cipher.h"
#include "tests/whatsapp_sim/directory/stable_hash.h"

namespace portrait::sim {

struct Picture {
  std::string id;       // decimal; empty: none set
  bool hidden = false;  // hidden from all other accounts
  // An account's picture is then visible only with its token. A group's picture
  // (`community`) is then its community's and needs another query.
  bool needs_token = false;
  bool community = false;

  bool visible() const { return !id.empty() && !hidden && !needs_token; }
  bool operator==(const Picture&) const = default;
};

struct Account {
  uint64_t number = 0;
  bool registered = false;
  // The fields below apply to registered accounts only.
  uint64_t lid = 0;
  bool is_business = false;
  std::string verified_name;  // empty: none
  Picture picture;

  whatsapp::Jid pn_jid() const;
  whatsapp::Jid lid_jid() const;
  bool operator==(const Account&) const = default;
};

struct Channel {
  bool exists = false;
  std::string name;
  Picture picture;

  bool operator==(const Channel&) const = default;
};

// The distribution of the generated accounts. Shares are between 0 and 1.
struct DirectoryShares {
  double registered = 0.78;
  // Shares of the registered accounts:
  double business = 0.08;
  double picture_visible = 0.62;
  double picture_hidden = 0.18;  // all others have no picture
};

// Thread-safe.
class Directory {
 public:
  explicit Directory(uint64_t seed, DirectoryShares shares = {});

  // Parses "+15551230001", "15551230001" or either with "@c.us" or
  // "@s.whatsapp.net". Returns nothing for an impossible number: a number has 7
  // to 15 digits, and the first is not 0.
  static std::optional<uint64_t> ParseNumber(absl::string_view text);

  // The number under which WhatsApp knows the account that is reached by
  // dialling `typed`: mobile numbers of Mexico and Argentina have an extra
  // digit at WhatsApp, and those of Brazil may lack one.
  static uint64_t RegisteredSpelling(uint64_t typed);

  // Finds an account by WhatsApp's number; every number has an account, which
  // may be unregistered.
  Account FindAccount(uint64_t number) const;
  // Returns nothing if no account has the LID.
  std::optional<Account> FindByLid(uint64_t lid) const;
  // The account of a PN, LID or c.us JID.
  std::optional<Account> FindByJid(const whatsapp::Jid& jid) const;
  Picture FindGroupPicture(const whatsapp::Jid& group) const;
  Channel FindChannel(const whatsapp::Jid& channel) const;

  // An id of an account, group or channel that does not reveal its number.
  uint64_t SubjectOf(uint64_t number) const;
  uint64_t SubjectOf(const whatsapp::Jid& group) const;

  // Replaces the account with that number; if `lid` is 0, it keeps its LID.
  //
  // Errors: ALREADY_EXISTS if another account has the LID.
  absl::Status Override(Account account);
  void OverrideGroup(const whatsapp::Jid& group, Picture picture);
  void OverrideChannel(const whatsapp::Jid& jid, Channel channel);

 private:
  Account Generate(uint64_t number) const;
  Picture GeneratePicture(uint64_t subject) const;
  std::string GenerateName(uint64_t subject) const;

  const StableHash hash_;
  const LidCipher lids_;
  const DirectoryShares shares_;

  mutable absl::Mutex mu_;
  absl::flat_hash_map<uint64_t, Account> overrides_ ABSL_GUARDED_BY(mu_);
  // From LID to number, for overrides whose LID is not the generated one.
  absl::flat_hash_map<uint64_t, uint64_t> moved_lids_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Picture> groups_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Channel> channels_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_DIRECTORY_H_
