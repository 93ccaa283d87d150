// Tests accounts whose client version WhatsApp no longer accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/session/testing/session_pool_test_fixture.h"
#include "tests/support/test_page.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

constexpr char kAda[] = "+15551230001";
constexpr uint32_t kMinRevision = 1'900'000'000;

class SessionVersionTest : public SessionPoolTest {
 protected:
  // WhatsApp accepts the old version while the account is linked, and a newer
  // one afterwards.
  void PairAndMoveOn() {
    StartSimulator();
    StartPool();
    Pair("ada", kAda);
    StopPool();
    simulator_.reset();
    sim::Simulator::Options options;
    options.habits.client_min_revision = kMinRevision;
    StartSimulator(std::move(options));
  }
  void Tell(uint32_t revision) {
    page_.SetBody(absl::StrCat("{\"client_revision\":", revision, "}"));
  }

  TestPage page_;
};

TEST_F(SessionVersionTest, AnOutdatedAccountSaysWhatToDo) {
  PairAndMoveOn();
  StartPool();
  const v1::Session outdated = WaitForState("ada", v1::SESSION_STATE_OUTDATED);
  EXPECT_THAT(outdated.state_reason(), HasSubstr("failure 405"));
  EXPECT_THAT(outdated.state_reason(),
              HasSubstr(whatsapp::ClientVersion().ToString()));
  EXPECT_THAT(outdated.state_reason(),
              HasSubstr("set a newer version with --whatsapp-version"));
  StopPool();

  options_.connection.version.tertiary = kMinRevision;
  StartPool();
  WaitForState("ada", v1::SESSION_STATE_READY);
}

TEST_F(SessionVersionTest, AnOutdatedAccountGoesOnWithANewerVersion) {
  PairAndMoveOn();
  VersionKeeper::Options options;
  options.page.url = page_.url();
  options.retry_interval = absl::Milliseconds(20);
  Tell(kMinRevision - 1);
  {
    VersionKeeper versions(options);
    options_.versions = &versions;
    StartPool();
    // WhatsApp refused both versions: the initial one and the page's.
    EXPECT_TRUE(WaitFor([&] {
      const v1::Session session = *pool_->Get("ada");
      return session.state() == v1::SESSION_STATE_OUTDATED &&
             session.state_reason().find(absl::StrCat(kMinRevision - 1)) !=
                 std::string::npos;
    })) << pool_->Get("ada")->ShortDebugString();
    EXPECT_THAT(pool_->Get("ada")->state_reason(),
                HasSubstr("looking for a newer version"));

    Tell(kMinRevision);
    WaitForState("ada", v1::SESSION_STATE_READY);
    StopPool();
  }
  options_.versions = nullptr;
}

}  // namespace
}  // namespace portrait
