// SealedSessions keeps linked accounts in the store, their keys sealed.
#ifndef PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_
#define PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/store/picture_store.h"
#include "core/whatsapp/device.h"

namespace portrait {

// Thread-safe. Blocks on disk for as long as one small synced write takes.
// `storage` outlives it.
class SealedSessions {
 public:
  SealedSessions(KeyValueStore& storage, std::string seal_key);

  struct Account {
    std::string name;
    whatsapp::Device device;
  };
  // All that is stored, by name.
  //
  // Errors: UNAUTHENTICATED (wrong key) or DATA_LOSS naming the session; those
  // of KeyValueStore.
  absl::StatusOr<std::vector<Account>> LoadAll();

  absl::Status Save(const std::string& name, const whatsapp::Device& device);
  // OK when there is none.
  absl::Status Erase(const std::string& name);

 private:
  KeyValueStore& storage_;
  const std::string seal_key_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SEALED_SESSIONS_H_
