// The questions a lookup asks, as stanzas, and their answers, as facts. Pure
// functions: what to send and when is core/session's business.
//
// usync asks about many contacts at once: registered? LID? business name?
// picture id? The picture query asks for one contact's picture URL, or those of
// many groups; the channel query for a channel's.
#ifndef PORTRAIT_CORE_WHATSAPP_QUERIES_H_
#define PORTRAIT_CORE_WHATSAPP_QUERIES_H_

#include "core/whatsapp/channel_query.h"  // IWYU pragma: export
#include "core/whatsapp/iq_error.h"       // IWYU pragma: export
#include "core/whatsapp/picture_query.h"  // IWYU pragma: export
#include "core/whatsapp/usync.h"          // IWYU pragma: export

#endif  // PORTRAIT_CORE_WHATSAPP_QUERIES_H_
