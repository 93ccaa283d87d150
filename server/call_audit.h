// Writes audit log lines for calls other than lookups: the token, the method,
// the target and the outcome. lookup_audit.h writes the lines of lookups.
//
//   {"time":…,"event":"call","tenant":"admin","token":"admin-0123",
//    "method":"SessionService/PauseSession","target":"my-account",
//    "outcome":"OK"}
#ifndef PORTRAIT_SERVER_CALL_AUDIT_H_
#define PORTRAIT_SERVER_CALL_AUDIT_H_

#include <memory>

#include "core/access/audit_log.h"
#include "grpcpp/support/server_interceptor.h"

namespace portrait {

// For grpc::ServerBuilder, before NewCallGates. A call gets a line at its end,
// and a stream also at its start: one line for any number of contacts. Callers
// without a valid token get no lines, because they could flood the log. `log`
// is borrowed.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallAudits(AuditLog& log);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_AUDIT_H_
