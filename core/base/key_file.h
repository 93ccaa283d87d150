// Key files: one encrypts the credentials of the linked accounts, and together
// with the database gives full control of them; another one encrypts images.
//
// Each line of 64 hexadecimal digits is a key. The first key seals, and every
// key opens. There is more than one key only during a rotation, or if an
// operator has added the key of an older backup below the first. At any moment,
// the stored data opens with a key in the file.
#ifndef PORTRAIT_CORE_BASE_KEY_FILE_H_
#define PORTRAIT_CORE_BASE_KEY_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/secret.h"

namespace portrait {

inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kMaxSealKeys = 16;  // keys in a file

struct SealKeys {
  Secret current;              // seals and opens
  std::vector<Secret> former;  // open data that was sealed earlier
};

SealKeys MakeSealKeys();

// Errors, all naming the file: NOT_FOUND; PERMISSION_DENIED if this process may
// not read it, or if users other than its owner may (a group may read a file
// that root owns); INVALID_ARGUMENT if the file contains anything but keys.
absl::StatusOr<SealKeys> ReadKeyFile(const std::string& path);

// Replaces the file as a whole with mode 0600; it is durable on return.
absl::Status WriteKeyFile(const std::string& path, const SealKeys& keys);

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_KEY_FILE_H_
