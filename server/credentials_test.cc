#include "server/credentials.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/files.h"
#include "server/service_test_world.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

struct Pair {
  std::string certificate, key;  // PEM
};

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, size);
  BIO_free(bio);
  return text;
}

// Self-signed, for localhost, good for an hour.
Pair MakePair() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* alternative = X509V3_EXT_conf_nid(
      nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, alternative, -1);
  X509_EXTENSION_free(alternative);
  X509_sign(certificate, key, EVP_sha256());
  BIO* certificate_pem = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_pem, certificate);
  BIO* key_pem = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_pem, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {Text(certificate_pem), Text(key_pem)};
}

class CredentialsTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(folder_.path(), "/", name);
    EXPECT_TRUE(WriteFile(path, content, S_IRUSR | S_IWUSR).ok());
    return path;
  }
  TlsFiles WritePair(const Pair& pair) {
    return {Write("cert.pem", pair.certificate), Write("key.pem", pair.key),
            ""};
  }
  std::string Refusal(const TlsFiles& files) {
    const absl::Status status = MakeCredentials(files).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  TemporaryFolder folder_;
};

TEST_F(CredentialsTest, AnErrorNamesTheFlagWhoseFileIsWrong) {
  const Pair pair = MakePair();
  const TlsFiles good = WritePair(pair);
  const std::string junk = Write("junk.pem", "junk");
  const std::string other_key = Write("other.pem", MakePair().key);
  const std::string missing = absl::StrCat(folder_.path(), "/missing");
  EXPECT_THAT(Refusal({good.certificate, "", ""}), HasSubstr("both or none"));
  EXPECT_THAT(Refusal({"", "", junk}), HasSubstr("--tls-client-ca"));
  EXPECT_THAT(Refusal({missing, good.key, ""}), HasSubstr("--tls-cert"));
  EXPECT_THAT(Refusal({junk, good.key, ""}), HasSubstr("--tls-cert"));
  EXPECT_THAT(Refusal({good.certificate, missing, ""}), HasSubstr("--tls-key"));
  EXPECT_THAT(Refusal({good.certificate, junk, ""}), HasSubstr("--tls-key"));
  EXPECT_THAT(Refusal({good.certificate, other_key, ""}),
              HasSubstr("is not the key of the certificate"));
  EXPECT_THAT(Refusal({good.certificate, good.key, junk}),
              HasSubstr("--tls-client-ca"));
}

TEST_F(CredentialsTest, ServesOverTlsAndAsksCallersForACertificate) {
  World world;
  const Pair pair = MakePair();
  ServerOptions options;
  options.listen = "localhost:0";
  options.tls = WritePair(pair);
  options.tls.client_ca = options.tls.certificate;
  const auto server = PortraitServer::Start(
      world.io.context(),
      Backends{*world.stores.pictures, *world.engine, *world.changes,
               *world.sessions, *world.access, world.metrics},
      options);
  ASSERT_TRUE(server.ok()) << server.status();
  const auto list = [&](const grpc::SslCredentialsOptions& tls) {
    auto channel =
        grpc::CreateChannel((*server)->address(), grpc::SslCredentials(tls));
    v1::ListSessionsResponse response;
    return v1::SessionService::NewStub(channel)->ListSessions(
        world.Context().get(), {}, &response);
  };
  EXPECT_TRUE(list({pair.certificate, pair.key, pair.certificate}).ok());
  EXPECT_EQ(list({pair.certificate, "", ""}).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace portrait
