// A phone number that WhatsApp may know under another spelling than the one
// dialled: of which of the two an answer tells, and what is left to be asked.
#ifndef PORTRAIT_CORE_SESSION_NUMBER_SPELLING_H_
#define PORTRAIT_CORE_SESSION_NUMBER_SPELLING_H_

#include "absl/container/flat_hash_map.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/queries.h"
#include "core/work/work_source.h"

namespace portrait {

using UsyncUsers =
    absl::flat_hash_map<whatsapp::Jid, const whatsapp::UsyncUser*>;

// Whether one query shall ask about both: somebody waits for the answer, and
// nothing is known of either. In bulk the likelier one goes first: most numbers
// are found under it, and the others join a query that is sent anyhow.
bool AsksBothSpellings(const ContactTask& task);

// The user in the answer that is the task's contact; `task->jid` is then
// theirs, or that of the likelier spelling when both are nobody's. Null: the
// other spelling is to be asked about, as `task` now says.
const whatsapp::UsyncUser* PickSpelling(const UsyncUsers& users,
                                        ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_NUMBER_SPELLING_H_
