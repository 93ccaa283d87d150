// Seals accounts' keys for the store under a key that is not in the store.
#ifndef PORTRAIT_CORE_SESSION_SESSION_KEYS_H_
#define PORTRAIT_CORE_SESSION_SESSION_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/key_file.h"
#include "core/base/secret.h"

namespace portrait {

// A serialized store.v1.SealedSession: AES-256-GCM over `secret`, a serialized
// account, under `seal_key`, with the session's name as additional data, so
// that one session's keys do not open under another's name.
std::string Seal(absl::string_view seal_key, absl::string_view session_name,
                 const Secret& secret);

// Returns the sealed data, opened with the matching one of `keys`.
//
// Errors: UNAUTHENTICATED if no key opens it (another installation's keys, or a
// changed record), DATA_LOSS if it is not a sealed session.
absl::StatusOr<Secret> OpenSealed(const SealKeys& keys,
                                  absl::string_view session_name,
                                  absl::string_view sealed_session);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_KEYS_H_
