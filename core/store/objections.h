// The stored entries of objections. A contact that objected may have several
// JIDs. Each JID has its own entry, and the entries refer to each other.
#ifndef PORTRAIT_CORE_STORE_OBJECTIONS_H_
#define PORTRAIT_CORE_STORE_OBJECTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/store/stored_contact.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

struct HashedObjection {
  std::string hash;
  store::v1::Objection objection;
};

// The entries of a contact that objects, one for each of `jids`. `other`: a
// further JID of the contact, to which the entries refer; empty: none.
std::vector<HashedObjection> MakeObjections(
    absl::Span<const std::string> jids, absl::string_view other,
    absl::FunctionRef<std::string(absl::string_view jid)> hash_of,
    absl::Time made_at);

// An entry as it is listed. One that was written before objections had a value
// has no time.
StoredObjection ToStoredObjection(absl::string_view id,
                                  absl::string_view value);

// Which entries are of the same contact. Thread-compatible.
class ObjectionLinks {
 public:
  void Add(absl::string_view id, absl::string_view value);

  // `id` and all entries that are linked with it, directly or by others; empty
  // if there is no such entry.
  std::vector<std::string> SameContactAs(absl::string_view id) const;

 private:
  // Links the entries in both directions.
  absl::flat_hash_map<std::string, std::vector<std::string>> links_;
  absl::flat_hash_set<std::string> entries_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_OBJECTIONS_H_
