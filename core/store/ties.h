// Which tenants asked about a contact, as its record says. Pure; every store
// changes ties by these functions.
#ifndef PORTRAIT_CORE_STORE_TIES_H_
#define PORTRAIT_CORE_STORE_TIES_H_

#include <cstdint>

#include "absl/time/time.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

// Null if the tenant has not asked about the contact.
store::v1::Tie* FindTie(uint32_t tenant, store::v1::ContactRecord& record);

// Ties `record` to a tenant whose lookup was answered from the store at
// `asked_at`. Returns false if the tenant was tied already; nothing is changed
// then.
bool AddTie(uint32_t tenant, absl::Time asked_at,
            store::v1::ContactRecord& record);

// The same for a lookup that asked WhatsApp, with the answer of `observed_at`,
// which `record` holds, or a later one. Returns false if nothing is changed.
bool AddCheckedTie(uint32_t tenant, absl::Time observed_at,
                   store::v1::ContactRecord& record);

// Returns false if there was no tie.
bool RemoveTie(uint32_t tenant, store::v1::ContactRecord& record);

// Adds the ties of `from`, another record of the same person.
void JoinTies(const store::v1::ContactRecord& from,
              store::v1::ContactRecord& record);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TIES_H_
