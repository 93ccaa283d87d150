// Decides which address of a contact WhatsApp's answer is about, and whether
// the other address must be asked about.
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
// neither is known. Bulk tasks ask about the likelier address first: most
// contacts have it, and the others join a later query that is sent anyway.
bool AsksBothAddresses(const ContactTask& task);

// Returns the task's contact in the answer, and puts its address first in
// `task->contact`. If neither address is registered, the likelier one is put
// first. Returns null if the other address, which is then put first, must be
// asked about.
const whatsapp::UsyncUser* ChooseAddress(const UsyncUsers& users,
                                         ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_ADDRESS_CHOICE_H_
