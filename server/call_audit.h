// The audit log's lines about calls other than lookups: who managed, watched or
// erased what. Lookups have a line for each contact.
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

// For grpc::ServerBuilder, before NewCallGates. A call has a line when it ends,
// and one that streams when it begins, too: one line whatever number of
// contacts it names. Callers without a valid token have no lines, as they could
// drown the others out. `log` is borrowed.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallAudits(AuditLog& log);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_AUDIT_H_
