#include "tests/whatsapp_sim/protocol/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/directory/data_files.h"

namespace portrait::sim {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

constexpr long kLifeSeconds = 10L * 365 * 24 * 60 * 60;
// The certificates are backdated for clients whose clock is up to a day behind.
constexpr long kBackdatedSeconds = 24L * 60 * 60;

Key MakeKey() { return Key(EVP_EC_gen("P-256")); }

void AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension != nullptr) X509_add_ext(certificate, extension.get(), -1);
}

// If `issuer` is null, the certificate is self-signed.
Certificate MakeCertificate(EVP_PKEY* key, const std::string& name,
                            X509* issuer) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()),
                   1 + RandomBelow(1u << 30));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdatedSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifeSeconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), issuer == nullptr
                                              ? subject
                                              : X509_get_subject_name(issuer));
  return certificate;
}

std::string ToPem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string ToPem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

struct Authority {
  Key key;
  Certificate certificate;
};

absl::StatusOr<Authority> MakeAuthority(const std::string& certificate_path,
                                        const std::string& key_path) {
  Authority authority;
  authority.key = MakeKey();
  authority.certificate = MakeCertificate(
      authority.key.get(), "Simulated WhatsApp test authority", nullptr);
  X509* certificate = authority.certificate.get();
  AddExtension(certificate, certificate, NID_basic_constraints,
               "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage,
               "critical,keyCertSign,cRLSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  X509_sign(certificate, authority.key.get(), EVP_sha256());
  RETURN_IF_ERROR(WriteFile(key_path, ToPem(authority.key.get()),
                            /*secret=*/true));
  RETURN_IF_ERROR(WriteFile(certificate_path, ToPem(certificate)));
  return authority;
}

absl::StatusOr<Authority> OpenAuthority(const std::string& folder) {
  const std::string certificate_path = absl::StrCat(folder, "/ca.pem");
  const std::string key_path = absl::StrCat(folder, "/ca.key");
  ASSIGN_OR_RETURN(const std::optional<std::string> certificate,
                   ReadFile(certificate_path));
  ASSIGN_OR_RETURN(const std::optional<std::string> key, ReadFile(key_path));
  if (!certificate.has_value() || !key.has_value()) {
    return MakeAuthority(certificate_path, key_path);
  }
  const Bio certificate_bio(BIO_new_mem_buf(
      certificate->data(), static_cast<int>(certificate->size())));
  const Bio key_bio(
      BIO_new_mem_buf(key->data(), static_cast<int>(key->size())));
  Authority authority;
  authority.certificate.reset(
      PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  authority.key.reset(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  if (authority.certificate == nullptr || authority.key == nullptr) {
    return absl::DataLossError(
        absl::StrCat(certificate_path, " and ", key_path,
                     " do not hold a certificate authority"));
  }
  return authority;
}

std::string AlternativeNames(const std::string& host) {
  std::string names = "IP:127.0.0.1,DNS:localhost,DNS:web.whatsapp.com";
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  absl::StrAppend(&names, error ? ",DNS:" : ",IP:", host);
  return names;
}

}  // namespace

absl::StatusOr<TlsIdentity> OpenTlsIdentity(const std::string& folder,
                                            const std::string& host) {
  ASSIGN_OR_RETURN(const Authority authority, OpenAuthority(folder));
  const Key key = MakeKey();
  const Certificate leaf = MakeCertificate(key.get(), "Simulated WhatsApp",
                                           authority.certificate.get());
  X509* issuer = authority.certificate.get();
  AddExtension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf.get(), issuer, NID_ext_key_usage, "serverAuth");
  AddExtension(leaf.get(), issuer, NID_subject_alt_name,
               AlternativeNames(host));
  AddExtension(leaf.get(), issuer, NID_authority_key_identifier, "keyid");
  X509_sign(leaf.get(), authority.key.get(), EVP_sha256());

  TlsIdentity identity;
  identity.ca_file = absl::StrCat(folder, "/ca.pem");
  identity.context = std::make_shared<boost::asio::ssl::context>(
      boost::asio::ssl::context::tls_server);
  SSL_CTX* context = identity.context->native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return absl::InternalError("TLS: cannot use the certificate just made");
  }
  return identity;
}

}  // namespace portrait::sim
