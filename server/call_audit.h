// The audit log's lines about calls other than lookups, which have a line for
// each contact: who managed, watched or erased what.
//
//   {"time":…,"event":"call","tenant":"admin","token":"admin-0123",
//    "method":"SessionService/PauseSession","target":"my-account",
//    "outcome":"OK"}
#ifndef PORTRAIT_SERVER_CALL_AUDIT_H_
#define PORTRAIT_SERVER_CALL_AUDIT_H_

#include <memory>

#include "core/access/access_control.h"
#include "core/access/audit_log.h"
#include "grpcpp/support/server_interceptor.h"

namespace portrait {

// For grpc::ServerBuilder. A call is told of when it ends, one that streams
// when it begins, too. Not of callers whose token is none: they could drown the
// others out. Both are borrowed.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallAudits(AuditLog& log, const AccessControl& access);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CALL_AUDIT_H_
