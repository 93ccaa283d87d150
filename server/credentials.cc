#include "server/credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

// Credentials that gRPC requests at every handshake. Only handshakes need them,
// so the files are checked for changes then.
//
// Thread-safe. Must outlive the server that listens with it.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::unique_ptr<WatchedTlsFiles> files,
                       bool asks_certificates)
      : files_(std::move(files)) {
    const auto request =
        asks_certificates
            ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
            : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            request, &Fetch, this));
  }
  ~ReloadingCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

  // This server reads a call's metadata itself.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<ReloadingCredentials*>(self)->Fetch(config);
  }
  grpc_ssl_certificate_config_reload_status Fetch(
      grpc_ssl_server_certificate_config** config);

  const std::unique_ptr<WatchedTlsFiles> files_;
  grpc_server_credentials* credentials_ = nullptr;

  absl::Mutex mu_;
  // The certificates that gRPC has received; null at first.
  std::shared_ptr<const TlsContent> given_ ABSL_GUARDED_BY(mu_);
};

grpc_ssl_certificate_config_reload_status ReloadingCredentials::Fetch(
    grpc_ssl_server_certificate_config** config) {
  std::shared_ptr<const TlsContent> content = files_->Current();
  absl::MutexLock lock(&mu_);
  if (content == given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair = {content->key.c_str(),
                                           content->certificate.c_str()};
  // gRPC requires authorities even if callers need no certificate.
  const std::string& authorities =
      content->client_ca.empty() ? content->certificate : content->client_ca;
  *config = grpc_ssl_server_certificate_config_create(
      authorities.c_str(), &pair, /*num_key_cert_pairs=*/1);
  given_ = std::move(content);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TlsFiles& files) {
  ASSIGN_OR_RETURN(std::unique_ptr<WatchedTlsFiles> watched,
                   WatchedTlsFiles::Read(files));
  if (watched == nullptr) return grpc::InsecureServerCredentials();
  return std::make_shared<ReloadingCredentials>(
      std::move(watched), /*asks_certificates=*/!files.client_ca.empty());
}

}  // namespace portrait
