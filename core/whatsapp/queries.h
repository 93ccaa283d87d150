// Makes the stanzas of lookup queries, and parses the answers into facts. Pure
// functions: core/session decides what is sent and when.
//
// A usync query asks about many contacts: whether they are registered, their
// LIDs, business names and picture ids. A picture query asks for the URL of one
// contact's picture, or those of many groups; a channel query for a channel's.
#ifndef PORTRAIT_CORE_WHATSAPP_QUERIES_H_
#define PORTRAIT_CORE_WHATSAPP_QUERIES_H_

#include "core/whatsapp/channel_query.h"  // IWYU pragma: export
#include "core/whatsapp/iq_error.h"       // IWYU pragma: export
#include "core/whatsapp/picture_query.h"  // IWYU pragma: export
#include "core/whatsapp/usync.h"          // IWYU pragma: export

#endif  // PORTRAIT_CORE_WHATSAPP_QUERIES_H_
