#include "server/exposure.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Message(const absl::StatusOr<bool>& result) {
  return std::string(result.status().message());
}

absl::StatusOr<bool> Check(const std::string& address,
                           const ServerOptions& options) {
  return IsExposed("--http-listen", *ParseListenAddress(address), options);
}

TEST(ExposureTest, AnAddressForOtherMachinesIsRefusedUnlessSomethingGuardsIt) {
  const absl::StatusOr<bool> refused = Check("0.0.0.0:7780", {});
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status()));
  EXPECT_THAT(Message(refused),
              StartsWith("--http-listen: other machines can connect to"));
  EXPECT_THAT(Message(refused), HasSubstr("travel unencrypted"));

  ServerOptions tls;
  tls.tls.certificate = "server.pem";
  EXPECT_THAT(Message(Check("0.0.0.0:7780", tls)),
              Not(HasSubstr("travel unencrypted")));
  tls.tls.client_ca = "ca.pem";
  EXPECT_FALSE(*Check("0.0.0.0:7780", tls));

  ServerOptions behind_front;
  behind_front.behind_front = true;
  EXPECT_FALSE(*Check("0.0.0.0:7780", behind_front));
}

TEST(ExposureTest, ThisMachinesAddressesNeedNoGuard) {
  EXPECT_FALSE(*Check("127.0.0.1:7780", {}));
  EXPECT_FALSE(*Check("unix:/run/portrait/http", {}));
}

TEST(ExposureTest, AnExposureThatTheOperatorAcceptsIsReported) {
  ServerOptions options;
  options.insecure_listen = true;
  EXPECT_TRUE(*Check("0.0.0.0:7780", options));
  EXPECT_FALSE(*Check("127.0.0.1:7780", options));
}

}  // namespace
}  // namespace portrait
