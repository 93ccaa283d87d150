// Computes the effects of forgetting a contact and of changing its ties, in
// memory, between reads and writes. See contact_batch.h.
#ifndef PORTRAIT_CORE_STORE_TIE_BATCH_H_
#define PORTRAIT_CORE_STORE_TIE_BATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/store/contact_batch.h"
#include "core/store/stored_contact.h"

namespace portrait {

// The JID and, if there is one, the other JID of the same person.
absl::StatusOr<std::vector<std::string>> AddressesOf(ContactSource& source,
                                                     absl::string_view jid);

// The records that gain a tie, with it. A contact that is not stored, or was
// forgotten after the tenant asked, gains none.
absl::StatusOr<std::vector<store::v1::ContactRecord>> MergeTies(
    ContactSource& source, absl::Span<const ContactTie> ties);

struct UntieEffects {
  bool was_tied = false;
  bool is_erased = false;  // all data under the JIDs has to be erased
  std::vector<store::v1::ContactRecord> puts;  // records to write
};

// Removes the tenant's ties from the records of a contact with these JIDs; see
// PictureStore::Untie.
absl::StatusOr<UntieEffects> MergeUntie(
    ContactSource& source, absl::Span<const absl::string_view> jids,
    uint32_t tenant, bool erase_untied);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TIE_BATCH_H_
