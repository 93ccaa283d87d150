// TLS credentials: the server's certificate, and the authorities for callers'
// certificates.
#ifndef PORTRAIT_SERVER_CREDENTIALS_H_
#define PORTRAIT_SERVER_CREDENTIALS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"
#include "server/tls_files.h"

namespace portrait {

// Changed files are read again at the next handshake; while their content is
// invalid, the previous certificates stay in use. Must outlive the server that
// listens with it.
//
// Errors: INVALID_ARGUMENT naming the flag whose file is missing or has invalid
// content.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TlsFiles& files);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CREDENTIALS_H_
