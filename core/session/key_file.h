// The key file encrypts the credentials of the linked accounts. The file and
// the database together give full control of the accounts.
//
// A line of 64 hexadecimal digits is a key. The first one seals, each of them
// opens. There is one, but while keys are being changed, and where an operator
// adds the key of an older backup below it: what is stored opens under a key
// that is in the file at any moment.
#ifndef PORTRAIT_CORE_SESSION_KEY_FILE_H_
#define PORTRAIT_CORE_SESSION_KEY_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/secret.h"

namespace portrait {

inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kMaxSealKeys = 16;  // in a file

struct SealKeys {
  Secret current;              // seals and opens
  std::vector<Secret> former;  // open what was sealed before
};

SealKeys MakeSealKeys();

// Errors: NOT_FOUND; PERMISSION_DENIED when others than its owner may read it
// (a group may read one of root's that is handed to us) or we may not;
// INVALID_ARGUMENT when it holds something else than keys. All name the file.
absl::StatusOr<SealKeys> ReadKeyFile(const std::string& path);

// Replaces the file, mode 0600, as a whole and on disk before it returns.
absl::Status WriteKeyFile(const std::string& path, const SealKeys& keys);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_KEY_FILE_H_
