#include "core/whatsapp/tls.h"

#include <map>
#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/ip/address.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status_macros.h"

namespace portrait::whatsapp {
namespace {

namespace ssl = boost::asio::ssl;

absl::StatusOr<std::shared_ptr<ssl::context>> MakeContext(
    const std::string& ca_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code ec;
  if (ca_file.empty()) {
    context->set_default_verify_paths(ec);
  } else {
    context->load_verify_file(ca_file, ec);
  }
  if (ec) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read certificate authorities from \"", ca_file,
                     "\": ", ec.message()));
  }
  context->set_verify_mode(ssl::verify_peer);
  return context;
}

// The contexts in use, by CA file.
class ContextCache {
 public:
  absl::StatusOr<std::shared_ptr<ssl::context>> Get(const std::string& ca_file)
      ABSL_LOCKS_EXCLUDED(mu_) {
    if (std::shared_ptr<ssl::context> context = Find(ca_file)) return context;
    // The file is read without the lock: if two threads read it at once, both
    // results are equal.
    ASSIGN_OR_RETURN(std::shared_ptr<ssl::context> context,
                     MakeContext(ca_file));
    absl::MutexLock lock(&mu_);
    contexts_[ca_file] = context;
    return context;
  }

 private:
  std::shared_ptr<ssl::context> Find(const std::string& ca_file)
      ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    const auto found = contexts_.find(ca_file);
    return found == contexts_.end() ? nullptr : found->second.lock();
  }

  absl::Mutex mu_;
  // The pointers are weak, so that a file, which may have changed, is read
  // again once its last connection has ended.
  std::map<std::string, std::weak_ptr<ssl::context>> contexts_
      ABSL_GUARDED_BY(mu_);
};

bool IsAddress(const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  return !ec;
}

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> TrustedTlsContext(
    const std::string& ca_file) {
  static ContextCache* const cache = new ContextCache;  // never freed
  return cache->Get(ca_file);
}

absl::Status ExpectHost(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const param = SSL_get0_param(ssl);
  if (IsAddress(host)) {
    // A certificate's IP names are compared with an address, and SNI never has
    // an address.
    if (X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1) {
      return absl::OkStatus();
    }
  } else {
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(ssl, host.c_str()) == 1 &&
        SSL_set_tlsext_host_name(ssl, host.c_str()) == 1) {
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("TLS: \"", host, "\" is not a host name"));
}

absl::Status CertificateRefusal(SSL* ssl) {
  const int64_t result = SSL_get_verify_result(ssl);
  if (result == X509_V_OK) return absl::OkStatus();
  return absl::UnauthenticatedError(
      absl::StrCat("TLS: the server's certificate is not valid: ",
                   X509_verify_cert_error_string(result)));
}

}  // namespace portrait::whatsapp
