// The simulator's own certificate authority and TLS certificate, for tests
// only.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_TLS_IDENTITY_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_TLS_IDENTITY_H_

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "absl/status/statusor.h"

namespace portrait::sim {

struct TlsIdentity {
  std::string ca_file;  // PEM, for clients to trust
  std::shared_ptr<boost::asio::ssl::context> context;  // for serving
};

// Reads the authority from FOLDER/ca.pem and FOLDER/ca.key, or makes it, and
// issues a certificate for `host`, 127.0.0.1, localhost and, for clients with a
// fixed address, web.whatsapp.com.
//
// Errors: DATA_LOSS for an unreadable authority, UNAVAILABLE if it cannot be
// written.
absl::StatusOr<TlsIdentity> OpenTlsIdentity(const std::string& folder,
                                            const std::string& host);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_TLS_IDENTITY_H_
