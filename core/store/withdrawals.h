// The list of what was withdrawn: tokens that were revoked and contacts that
// objected. It stands in a file beside the database's folder, so that a backup
// which is restored does not bring them back.
//
// One line each; the second word is in hexadecimal:
//
//   token DIGEST           the digest under which the token was stored
//   objection HASH         of a JID, keyed as in the store (suppression.h)
#ifndef PORTRAIT_CORE_STORE_WITHDRAWALS_H_
#define PORTRAIT_CORE_STORE_WITHDRAWALS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// "DIR/db.withdrawn" for the database in "DIR/db".
std::string WithdrawalsFile(const std::string& store_folder);

// Appends them, durably. Thread-safe. `access_key` is a key of the access
// family; those that are not of tokens are ignored.
absl::Status NoteRevokedToken(const std::string& store_folder,
                              absl::string_view access_key);
absl::Status NoteObjections(const std::string& store_folder,
                            const std::vector<std::string>& hashes);

struct Withdrawn {
  bool is_known = false;  // false: there is no list
  size_t tokens = 0;      // that the backup would have brought back
  size_t contacts = 0;    // whose records it would have
};

// Applies the list beside `store_folder` to its store, which no process has
// open: revokes its tokens, forgets its contacts. Idempotent. Errors: those of
// OpenRocksDbStores; DATA_LOSS if the list is unreadable.
absl::StatusOr<Withdrawn> ApplyWithdrawals(const std::string& store_folder);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_WITHDRAWALS_H_
