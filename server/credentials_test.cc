#include "server/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tls_certificate.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

TlsCertificate MakePair() { return MakeTlsCertificate("DNS:localhost"); }

class CredentialsTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(folder_.path(), "/", name);
    EXPECT_TRUE(WriteFile(path, content, S_IRUSR | S_IWUSR).ok());
    return path;
  }
  TlsFiles WritePair(const TlsCertificate& pair) {
    return {Write("cert.pem", pair.certificate),
            Write("key.pem", pair.private_key), ""};
  }
  std::string Refusal(const TlsFiles& files) {
    const absl::Status status = MakeCredentials(files).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  TemporaryFolder folder_;
};

TEST_F(CredentialsTest, AnErrorNamesTheFlagWhoseFileIsWrong) {
  const TlsCertificate pair = MakePair();
  const TlsFiles good = WritePair(pair);
  const std::string junk = Write("junk.pem", "junk");
  const std::string other_key = Write("other.pem", MakePair().private_key);
  const std::string missing = absl::StrCat(folder_.path(), "/missing");
  EXPECT_THAT(Refusal({good.certificate, "", ""}),
              HasSubstr("set both or neither"));
  EXPECT_THAT(Refusal({"", "", junk}), HasSubstr("--tls-client-ca"));
  EXPECT_THAT(Refusal({missing, good.key, ""}), HasSubstr("--tls-cert"));
  EXPECT_THAT(Refusal({junk, good.key, ""}), HasSubstr("--tls-cert"));
  EXPECT_THAT(Refusal({good.certificate, missing, ""}), HasSubstr("--tls-key"));
  EXPECT_THAT(Refusal({good.certificate, junk, ""}), HasSubstr("--tls-key"));
  EXPECT_THAT(Refusal({good.certificate, other_key, ""}),
              HasSubstr("does not match the certificate"));
  EXPECT_THAT(Refusal({good.certificate, good.key, junk}),
              HasSubstr("--tls-client-ca"));
}

TEST_F(CredentialsTest, ServesOverTlsAndAsksCallersForACertificate) {
  World world;
  const TlsCertificate pair = MakePair();
  ServerOptions options;
  options.tls = WritePair(pair);
  options.tls.client_ca = options.tls.certificate;
  const auto server = world.Serve(options);
  const auto list = [&](const grpc::SslCredentialsOptions& tls) {
    auto channel =
        grpc::CreateChannel(server->address(), grpc::SslCredentials(tls));
    v1::ListSessionsResponse response;
    return v1::SessionService::NewStub(channel)->ListSessions(
        world.Context().get(), {}, &response);
  };
  EXPECT_TRUE(
      list({pair.certificate, pair.private_key, pair.certificate}).ok());
  EXPECT_EQ(list({pair.certificate, "", ""}).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

// A server with TLS, and callers that reconnect for every call.
class ReloadTest : public CredentialsTest {
 protected:
  void Serve(const TlsFiles& files) {
    ServerOptions options;
    options.tls = files;
    server_ = world_.Serve(options);
  }

  std::shared_ptr<grpc::Channel> Connect(const TlsCertificate& trusted,
                                         const TlsCertificate& own = {}) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(
        server_->address(),
        grpc::SslCredentials(
            {trusted.certificate, own.private_key, own.certificate}),
        arguments);
  }
  bool Call(const std::shared_ptr<grpc::Channel>& channel) {
    v1::ListSessionsResponse response;
    return v1::SessionService::NewStub(channel)
        ->ListSessions(world_.Context().get(), {}, &response)
        .ok();
  }

  World world_;
  std::unique_ptr<PortraitServer> server_;
};

TEST_F(ReloadTest, ChangedCertificatesAreLoaded) {
  const TlsCertificate first = MakePair(), second = MakePair();
  Serve(WritePair(first));
  const auto open = Connect(first);
  EXPECT_TRUE(Call(open));
  EXPECT_FALSE(Call(Connect(second)));
  WritePair(second);
  EXPECT_TRUE(Call(Connect(second)));
  EXPECT_FALSE(Call(Connect(first)));
  // Open connections are not affected.
  EXPECT_TRUE(Call(open));
}

TEST_F(ReloadTest, ThePreviousCertificateIsUsedWhileTheFilesAreInvalid) {
  const TlsCertificate first = MakePair(), second = MakePair();
  const TlsFiles files = WritePair(first);
  Serve(files);
  Write("key.pem", second.private_key);  // the key of another certificate
  EXPECT_TRUE(Call(Connect(first)));
  Write("cert.pem", "junk");
  EXPECT_TRUE(Call(Connect(first)));
  unlink(files.key.c_str());
  EXPECT_TRUE(Call(Connect(first)));
  // The pair matches again.
  WritePair(second);
  EXPECT_TRUE(Call(Connect(second)));
}

TEST_F(ReloadTest, CallersAreVerifiedWithTheCurrentAuthorities) {
  const TlsCertificate server = MakePair(), old = MakePair(),
                       current = MakePair();
  TlsFiles files = WritePair(server);
  files.client_ca = Write("ca.pem", old.certificate);
  Serve(files);
  EXPECT_TRUE(Call(Connect(server, old)));
  EXPECT_FALSE(Call(Connect(server, current)));
  EXPECT_FALSE(Call(Connect(server)));
  Write("ca.pem", current.certificate);
  EXPECT_TRUE(Call(Connect(server, current)));
  EXPECT_FALSE(Call(Connect(server, old)));
  Write("ca.pem", "");  // not a certificate: the last one stays in use
  EXPECT_TRUE(Call(Connect(server, current)));
}

}  // namespace
}  // namespace portrait
