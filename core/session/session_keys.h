// How accounts' keys rest in the store: sealed under a key that is not in it.
#ifndef PORTRAIT_CORE_SESSION_SESSION_KEYS_H_
#define PORTRAIT_CORE_SESSION_SESSION_KEYS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/device.h"

namespace portrait {

inline constexpr size_t kSealKeyBytes = 32;

// A serialized store.v1.SealedSession: AES-256-GCM over the serialized device
// under `seal_key`, with the session's name as additional data, so that one
// session's keys do not open under another's name.
std::string SealDevice(absl::string_view seal_key,
                       absl::string_view session_name,
                       const whatsapp::Device& device);

// Errors: UNAUTHENTICATED when `seal_key` does not open it (a wrong key, or a
// changed record), DATA_LOSS when it is no sealed session or holds no device.
absl::StatusOr<whatsapp::Device> OpenSealedDevice(
    absl::string_view seal_key, absl::string_view session_name,
    absl::string_view sealed_session);

// Reads the 32 bytes of the key file at `path`; makes the file, mode 0600 and
// on disk before it returns, when there is none.
//
// Errors: PERMISSION_DENIED when others than its owner may read it or we may
// not, DATA_LOSS when it is not 32 bytes long, UNAVAILABLE when the disk does
// not take it.
absl::StatusOr<std::string> LoadOrMakeKeyFile(const std::string& path);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_KEYS_H_
