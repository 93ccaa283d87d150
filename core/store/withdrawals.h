// The list of revoked tokens and of contacts that objected. It is a file beside
// the database's folder, so that restoring a backup does not bring them back.
//
// One line each; the second word is in hexadecimal:
//
//   token DIGEST           the digest under which the token was stored
//   objection HASH         hash of a JID, keyed as in the store (suppression.h)
//   removed HASH           that objection was removed later
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

// Appends the token to the list, durably. Thread-safe. `access_key` is a key of
// the access family; keys that belong to no token are ignored.
absl::Status NoteRevokedToken(const std::string& store_folder,
                              absl::string_view access_key);
absl::Status NoteObjections(const std::string& store_folder,
                            const std::vector<std::string>& hashes);

absl::Status NoteRemovedObjections(const std::string& store_folder,
                                   const std::vector<std::string>& hashes);

struct Withdrawn {
  bool is_known = false;  // false: there is no list
  size_t tokens = 0;      // number of tokens that the backup had restored
  size_t contacts = 0;    // number of contacts whose records it had restored
};

// Applies the list beside `store_folder` to the store, which no process may
// have open: revokes its tokens and forgets its contacts. Idempotent. Errors:
// those of OpenRocksDbStores; DATA_LOSS if the list is unreadable.
absl::StatusOr<Withdrawn> ApplyWithdrawals(const std::string& store_folder);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_WITHDRAWALS_H_
