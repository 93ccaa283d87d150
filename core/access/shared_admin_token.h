// The admin token of servers that share their tokens and a key, such as the
// nodes of a cluster. It derives from the key and a salt in the store, so that
// each server can write it to a file of its own.
#ifndef PORTRAIT_CORE_ACCESS_SHARED_ADMIN_TOKEN_H_
#define PORTRAIT_CORE_ACCESS_SHARED_ADMIN_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/secret.h"
#include "core/store/key_value_store.h"

namespace portrait {

inline constexpr char kAdminSaltKey[] = "admin/salt";

std::string MakeAdminSalt();
// `key` has 32 bytes.
Secret SharedAdminSecret(const Secret& key, absl::string_view salt);

// Writes the present admin token to `file` if the file has another content.
// Does nothing if the store has no such token, or it was revoked.
//
// Errors: those of the store; UNAVAILABLE naming the file.
absl::Status WriteSharedAdminToken(KeyValueStore& store, const Secret& key,
                                   const std::string& file);

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_SHARED_ADMIN_TOKEN_H_
