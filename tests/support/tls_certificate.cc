#include "tests/support/tls_certificate.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace portrait {
namespace {

constexpr int64_t kHourSeconds = 60 * 60;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const int64_t size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

TlsCertificate MakeTlsCertificate(const std::string& names) {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate(X509_new(), &X509_free);
  X509* const x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -kHourSeconds);
  X509_gmtime_adj(X509_getm_notAfter(x509), kHourSeconds);
  X509_set_pubkey(x509, key.get());
  X509_NAME* const name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("Portrait test"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(x509, NID_subject_alt_name, names);
  X509_sign(x509, key.get(), EVP_sha256());

  const Bio certificate_pem(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_X509(certificate_pem.get(), x509);
  const Bio key_pem(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0,
                           nullptr, nullptr);
  return {Text(certificate_pem.get()), Text(key_pem.get())};
}

}  // namespace portrait
