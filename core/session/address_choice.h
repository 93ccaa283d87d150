// Which address of a contact an answer of WhatsApp is about, and whether the
// other one has to be asked about.
#ifndef PORTRAIT_CORE_SESSION_ADDRESS_CHOICE_H_
#define PORTRAIT_CORE_SESSION_ADDRESS_CHOICE_H_

#include "absl/container/flat_hash_map.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/queries.h"
#include "core/work/work_source.h"

namespace portrait {

using UsyncUsers =
    absl::flat_hash_map<whatsapp::Jid, const whatsapp::UsyncUser*>;

// Whether a query asks about both addresses at once: a caller waits, and
// neither is known. In bulk the likelier address is asked about first: most
// contacts have it, and the others join a query that is sent in any case.
bool AsksBothAddresses(const ContactTask& task);

// The user in the answer that is the task's contact. Its address is then the
// first of `task->contact`; if no address is registered, the likelier one is.
// Null: the other address has to be asked about, which is then the first.
const whatsapp::UsyncUser* ChooseAddress(const UsyncUsers& users,
                                         ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_ADDRESS_CHOICE_H_
