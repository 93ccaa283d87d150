// TLS credentials: the server's certificate, and the authorities for callers'
// certificates.
#ifndef PORTRAIT_SERVER_CREDENTIALS_H_
#define PORTRAIT_SERVER_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"

namespace portrait {

// PEM files. Without a certificate the server uses plain HTTP/2.
struct TlsFiles {
  std::string certificate;  // the server's, with its chain
  std::string key;
  std::string client_ca;  // if set, it must have signed callers' certificates
};

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
