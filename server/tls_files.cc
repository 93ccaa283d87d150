#include "server/tls_files.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

FileStamp StampOf(const std::string& path) {
  struct stat file = {};
  if (path.empty() || stat(path.c_str(), &file) != 0) return {};
  return {file.st_ino, file.st_size, file.st_mtim, file.st_ctim};
}

std::array<FileStamp, 3> StampsOf(const TlsFiles& files) {
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

}  // namespace

WatchedTlsFiles::WatchedTlsFiles(TlsFiles files,
                                 std::array<FileStamp, 3> stamps,
                                 TlsContent content)
    : files_(std::move(files)),
      content_(std::make_shared<const TlsContent>(std::move(content))),
      looked_at_(stamps) {}

absl::StatusOr<std::unique_ptr<WatchedTlsFiles>> WatchedTlsFiles::Read(
    TlsFiles files) {
  if (files.certificate.empty() != files.key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-cert and --tls-key: set both or neither");
  }
  if (files.certificate.empty()) {
    if (files.client_ca.empty()) return nullptr;
    return absl::InvalidArgumentError(
        "--tls-client-ca: needs --tls-cert and --tls-key");
  }
  // If a file changes while it is read, the next handshake sees it.
  const std::array<FileStamp, 3> stamps = StampsOf(files);
  ASSIGN_OR_RETURN(TlsContent content, ReadTlsFiles(files));
  return std::unique_ptr<WatchedTlsFiles>(
      new WatchedTlsFiles(std::move(files), stamps, std::move(content)));
}

std::shared_ptr<const TlsContent> WatchedTlsFiles::Current() {
  absl::MutexLock lock(&mu_);
  const std::array<FileStamp, 3> stamps = StampsOf(files_);
  if (stamps == looked_at_) return content_;
  absl::StatusOr<TlsContent> content = ReadTlsFiles(files_);
  // If only one file of a pair has been replaced yet, the next handshake sees
  // the change of the other one.
  looked_at_ = stamps;
  if (!content.ok()) {
    LogWarning(
        "TLS: cannot load the changed certificate files, the previous ones "
        "stay in use: {}",
        std::string(content.status().message()));
    return content_;
  }
  LogInfo("TLS: loaded the changed certificate files");
  content_ = std::make_shared<const TlsContent>(*std::move(content));
  return content_;
}

}  // namespace portrait
