// SealedSessions keeps linked accounts in the store, their keys sealed under
// the key file.
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
#include "core/session/key_file.h"
#include "core/store/picture_store.h"
#include "core/whatsapp/device.h"

namespace portrait {

// Thread-safe. All but RotateKey block on disk for as long as one small synced
// write takes. `storage` outlives it.
class SealedSessions {
 public:
  // Reads the key file. Makes one when there is none and nothing is stored that
  // another has sealed. What is sealed under a former key of the file, after a
  // rotation that was cut short, is sealed again under the first.
  //
  // Errors: those of LoadAll; those of ReadKeyFile, FAILED_PRECONDITION for a
  // file that is missing. The accounts are as they were then.
  static absl::StatusOr<std::unique_ptr<SealedSessions>> Open(
      KeyValueStore& storage, std::string key_file);

  struct Account {
    std::string name;
    whatsapp::Device device;
  };
  // All that is stored, by name.
  //
  // Errors: UNAUTHENTICATED (wrong key) or DATA_LOSS naming the session and the
  // key file; those of KeyValueStore.
  absl::StatusOr<std::vector<Account>> LoadAll();

  absl::Status Save(const std::string& name, const whatsapp::Device& device);
  // OK when there is none.
  absl::Status Erase(const std::string& name);

  // Seals all accounts under a new key, which takes the place of what is in the
  // key file. Returns how many there are. Whenever it is cut short, what is
  // stored opens under a key that is in the file. Blocks until what was sealed
  // under the old key is off the disk.
  //
  // Errors: those of the file and of KeyValueStore: the file then has both keys
  // or the old one. Calling it again is safe.
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

  // Held during the whole of a key rotation, which changes keys_.
  absl::Mutex rotation_mu_ ABSL_ACQUIRED_BEFORE(mu_);
  // Held while the store is written, too: nothing is sealed under a key that
  // goes at the same time.
  absl::Mutex mu_;
  // As in the file.
  SealKeys keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_
