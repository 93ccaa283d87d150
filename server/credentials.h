// How the server proves who it is, and asks the same of its callers.
#ifndef PORTRAIT_SERVER_CREDENTIALS_H_
#define PORTRAIT_SERVER_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"

namespace portrait {

// PEM files. Without a certificate the server speaks plain HTTP/2.
struct TlsFiles {
  std::string certificate;  // the server's, with its chain
  std::string key;
  std::string client_ca;  // set: callers must show a certificate it signed
};

// The files are read again when they have changed, at the next handshake; while
// what they then hold is no good, the certificates before stay in use. Outlives
// the server that listens with it.
//
// Errors: INVALID_ARGUMENT naming the flag whose file is missing or does not
// hold what it should.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TlsFiles& files);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_CREDENTIALS_H_
