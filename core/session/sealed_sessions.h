// SealedSessions stores linked accounts with their keys sealed under the key
// file.
#ifndef PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_
#define PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/base/key_file.h"
#include "core/session/account.h"
#include "core/store/picture_store.h"

namespace portrait {

// Thread-safe. All methods but RotateKey block for one small synced write.
// `storage` must outlive it.
class SealedSessions {
 public:
  // Reads the key file; creates it if it is missing and no accounts are stored.
  // Accounts that an interrupted rotation left sealed under a former key are
  // sealed again under the first key.
  //
  // Errors: those of LoadAll; those of ReadKeyFile, FAILED_PRECONDITION if
  // accounts are stored without the file. The accounts are then unchanged.
  static absl::StatusOr<std::unique_ptr<SealedSessions>> Open(
      KeyValueStore& storage, std::string key_file);

  // Returns all stored accounts, by name. Records of an earlier version are
  // sealed again in the current version.
  //
  // Errors: UNAUTHENTICATED (wrong key) or DATA_LOSS, naming the session and
  // the key file; those of KeyValueStore.
  absl::StatusOr<std::vector<Account>> LoadAll();

  // Stores the account under its name.
  absl::Status Save(const Account& account);
  // Returns OK if there is no such account.
  absl::Status Erase(const std::string& name);

  // Seals all accounts under a new key, which replaces the keys in the key
  // file. Returns the number of accounts. If a rotation is interrupted at any
  // point, the stored accounts open with a key in the file. Blocks until the
  // data sealed under the old key is off the disk.
  //
  // Errors: FAILED_PRECONDITION if the storage is shared, because other servers
  // have copies of the file; those of the file and of KeyValueStore: the file
  // then has both keys or the old one. It is safe to call it again.
  absl::StatusOr<size_t> RotateKey();

 private:
  SealedSessions(KeyValueStore& storage, std::string key_file, SealKeys keys)
      : storage_(storage),
        key_file_(std::move(key_file)),
        keys_(std::move(keys)) {}

  bool HasFormerKeys() ABSL_EXCLUSIVE_LOCKS_REQUIRED(rotation_mu_);
  absl::Status AddKey() ABSL_EXCLUSIVE_LOCKS_REQUIRED(rotation_mu_);
  absl::StatusOr<size_t> SealAgain()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(rotation_mu_);
  absl::StatusOr<size_t> SealAgainLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status DropFormerKeys() ABSL_EXCLUSIVE_LOCKS_REQUIRED(rotation_mu_);
  absl::Status WithKeyFile(const absl::Status& status) const;

  KeyValueStore& storage_;
  const std::string key_file_;

  // Held during a whole key rotation, which changes keys_.
  absl::Mutex rotation_mu_ ABSL_ACQUIRED_BEFORE(mu_);
  // Also held while the store is written, so that no account is sealed under a
  // key that is being removed.
  absl::Mutex mu_;
  // The keys in the file.
  SealKeys keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_
