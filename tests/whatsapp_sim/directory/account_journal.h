// Stores the directory's overrides in an append-only file, so that they outlast
// a restart.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_ACCOUNT_JOURNAL_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_ACCOUNT_JOURNAL_H_

#include <fstream>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/whatsapp/jid.h"
#include "tests/whatsapp_sim/directory/directory.h"

namespace portrait::sim {

// Thread-safe.
class AccountJournal {
 public:
  // Applies the records in FOLDER/accounts to `directory`. An incomplete last
  // record is dropped.
  //
  // Errors: UNAVAILABLE if the file cannot be written.
  static absl::StatusOr<std::unique_ptr<AccountJournal>> Open(
      const std::string& folder, Directory* directory);

  // Errors: UNAVAILABLE.
  absl::Status Append(const Account& account) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status AppendGroup(const whatsapp::Jid& group, const Picture& picture)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status AppendChannel(const whatsapp::Jid& jid, const Channel& channel)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  AccountJournal() = default;

  absl::Mutex mu_;
  std::ofstream file_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_ACCOUNT_JOURNAL_H_
