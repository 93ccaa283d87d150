#include "server/credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// The content of the files.
struct TlsContent {
  std::string certificate, key, client_ca;
};

// Changes when a file is written or replaced.
struct FileStamp {
  ino_t inode = 0;
  off_t size = -1;  // the file is missing
  timespec modified = {}, changed = {};

  bool operator==(const FileStamp& other) const {
    const auto same = [](const timespec& a, const timespec& b) {
      return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
    };
    return inode == other.inode && size == other.size &&
           same(modified, other.modified) && same(changed, other.changed);
  }
};
using FileStamps = std::array<FileStamp, 3>;

FileStamp StampOf(const std::string& path) {
  struct stat file = {};
  if (path.empty() || stat(path.c_str(), &file) != 0) return {};
  return {file.st_ino, file.st_size, file.st_mtim, file.st_ctim};
}

FileStamps StampsOf(const TlsFiles& files) {
  return {StampOf(files.certificate), StampOf(files.key),
          StampOf(files.client_ca)};
}

absl::StatusOr<std::string> ReadFlagFile(absl::string_view flag,
                                         const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (content.ok()) return content;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", content.status().message()));
}

Certificate ParseCertificate(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                &BIO_free);
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                     &X509_free);
}

// gRPC does not report why it cannot use a pair.
absl::Status CheckPair(const std::string& certificate_pem,
                       const std::string& key_pem) {
  const Certificate certificate = ParseCertificate(certificate_pem);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(
        "--tls-cert: expected a certificate in PEM form");
  }
  const Bio bio(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())),
      &BIO_free);
  // Without a callback, OpenSSL would prompt on the terminal for a pass phrase.
  char no_pass_phrase[] = "";
  const Key key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_pass_phrase),
      &EVP_PKEY_free);
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "--tls-key: expected a private key in PEM form without a passphrase");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return absl::InvalidArgumentError(
        "--tls-key: does not match the certificate in --tls-cert");
  }
  return absl::OkStatus();
}

absl::StatusOr<TlsContent> ReadTlsFiles(const TlsFiles& files) {
  TlsContent content;
  ASSIGN_OR_RETURN(content.certificate,
                   ReadFlagFile("--tls-cert", files.certificate));
  ASSIGN_OR_RETURN(content.key, ReadFlagFile("--tls-key", files.key));
  RETURN_IF_ERROR(CheckPair(content.certificate, content.key));
  if (!files.client_ca.empty()) {
    ASSIGN_OR_RETURN(content.client_ca,
                     ReadFlagFile("--tls-client-ca", files.client_ca));
    if (ParseCertificate(content.client_ca) == nullptr) {
      return absl::InvalidArgumentError(
          "--tls-client-ca: expected certificates in PEM form");
    }
  }
  return content;
}

// Credentials that gRPC requests at every handshake. Only handshakes need them,
// so the files are checked for changes then.
//
// Thread-safe. Must outlive the server that listens with it.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  // `content` was read when `files` had these stamps.
  ReloadingCredentials(TlsFiles files, FileStamps stamps, TlsContent content)
      : files_(std::move(files)),
        content_(std::move(content)),
        looked_at_(stamps) {
    const auto request =
        files_.client_ca.empty()
            ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
            : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
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

  void CheckFilesLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const TlsFiles files_;
  grpc_server_credentials* credentials_ = nullptr;

  absl::Mutex mu_;  // held by one handshake at a time, including file reads
  TlsContent content_ ABSL_GUARDED_BY(mu_);
  bool given_ ABSL_GUARDED_BY(mu_) = false;  // gRPC has received `content_`
  FileStamps looked_at_ ABSL_GUARDED_BY(mu_);
};

void ReloadingCredentials::CheckFilesLocked() {
  const FileStamps stamps = StampsOf(files_);
  if (stamps == looked_at_) return;
  absl::StatusOr<TlsContent> content = ReadTlsFiles(files_);
  // If only one file of a pair has been replaced yet, the next handshake sees
  // the change of the other one.
  looked_at_ = stamps;
  if (!content.ok()) {
    LogWarning(
        "TLS: cannot load the changed certificate files, the previous ones "
        "stay in use: {}",
        std::string(content.status().message()));
    return;
  }
  content_ = *std::move(content);
  given_ = false;
  LogInfo("TLS: loaded the changed certificate files");
}

grpc_ssl_certificate_config_reload_status ReloadingCredentials::Fetch(
    grpc_ssl_server_certificate_config** config) {
  absl::MutexLock lock(&mu_);
  CheckFilesLocked();
  if (given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair = {content_.key.c_str(),
                                           content_.certificate.c_str()};
  // gRPC requires authorities even if callers need no certificate.
  const std::string& authorities =
      files_.client_ca.empty() ? content_.certificate : content_.client_ca;
  *config = grpc_ssl_server_certificate_config_create(
      authorities.c_str(), &pair, /*num_key_cert_pairs=*/1);
  given_ = true;
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TlsFiles& files) {
  if (files.certificate.empty() != files.key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-cert and --tls-key: set both or neither");
  }
  if (files.certificate.empty()) {
    if (!files.client_ca.empty()) {
      return absl::InvalidArgumentError(
          "--tls-client-ca: needs --tls-cert and --tls-key");
    }
    return grpc::InsecureServerCredentials();
  }
  const FileStamps stamps = StampsOf(files);
  ASSIGN_OR_RETURN(TlsContent content, ReadTlsFiles(files));
  return std::make_shared<ReloadingCredentials>(files, stamps,
                                                std::move(content));
}

}  // namespace portrait
