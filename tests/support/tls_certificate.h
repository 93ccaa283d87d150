// Makes server certificates for tests.
#ifndef PORTRAIT_TESTS_SUPPORT_TLS_CERTIFICATE_H_
#define PORTRAIT_TESTS_SUPPORT_TLS_CERTIFICATE_H_

#include <string>

namespace portrait {

// PEM. The certificate is self-signed, so it is also the authority to trust.
struct TlsCertificate {
  std::string certificate;
  std::string private_key;
};

// Makes a certificate that is valid now, for `names` in OpenSSL's format:
// "IP:127.0.0.1,DNS:localhost".
TlsCertificate MakeTlsCertificate(const std::string& names);

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TLS_CERTIFICATE_H_
