// TLS as a client of WhatsApp: the server's certificate must hold and must be
// for the host that was dialled.
#ifndef PORTRAIT_CORE_WHATSAPP_TLS_H_
#define PORTRAIT_CORE_WHATSAPP_TLS_H_

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace portrait::whatsapp {

// A context that trusts the authorities in the PEM file `ca_file` and no
// others, or the system's where it is empty. Reading them takes milliseconds
// and a megabyte, so all who use the same file at a time share one context.
// Thread-safe.
//
// Errors: INVALID_ARGUMENT when the file cannot be read or holds none.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> TrustedTlsContext(
    const std::string& ca_file);

// Asks of the handshake to come that the certificate names `host` (a DNS name
// or an IP address), and names a DNS name to the server (SNI).
//
// Errors: INVALID_ARGUMENT for a host that OpenSSL does not take.
absl::Status ExpectHost(SSL* ssl, const std::string& host);

// Why the handshake refused the server's certificate: UNAUTHENTICATED; OK when
// the certificate was not the reason.
absl::Status CertificateRefusal(SSL* ssl);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TLS_H_
