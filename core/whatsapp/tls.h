// TLS for connections to WhatsApp: the server's certificate must be valid and
// must name the host that was dialled.
#ifndef PORTRAIT_CORE_WHATSAPP_TLS_H_
#define PORTRAIT_CORE_WHATSAPP_TLS_H_

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace portrait::whatsapp {

// A context that trusts only the authorities in the PEM file `ca_file`, or the
// system's if it is empty. Reading them takes milliseconds and a megabyte, so
// concurrent users of a file share one context. Thread-safe.
//
// Errors: INVALID_ARGUMENT if the file cannot be read or has no certificates.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> TrustedTlsContext(
    const std::string& ca_file);

// Makes the next handshake require a certificate that names `host` (a DNS name
// or an IP address). If `host` is a DNS name, it is sent to the server (SNI).
//
// Errors: INVALID_ARGUMENT for a host that OpenSSL does not accept.
absl::Status ExpectHost(SSL* ssl, const std::string& host);

// UNAUTHENTICATED with the reason if the handshake refused the server's
// certificate; OK if the certificate was not the reason.
absl::Status CertificateRefusal(SSL* ssl);

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_TLS_H_
