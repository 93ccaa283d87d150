// Reports each query of a client to an observer.
#ifndef PORTRAIT_CORE_SESSION_METERED_CLIENT_H_
#define PORTRAIT_CORE_SESSION_METERED_CLIENT_H_

#include <memory>

#include "core/session/query_observer.h"
#include "core/whatsapp/client.h"

namespace portrait {

// Returns `client` itself if `observer` is null; else a client that forwards to
// it and reports each query to `observer`, which must outlive it.
std::unique_ptr<whatsapp::Client> Metered(
    std::unique_ptr<whatsapp::Client> client, QueryObserver* observer);

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_METERED_CLIENT_H_
