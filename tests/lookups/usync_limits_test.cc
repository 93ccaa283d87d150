// Tests usync protocols that fail while others do not.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using whatsapp::Node;

class UsyncLimitsTest : public LookupWorld {
 protected:
  UsyncLimitsTest() { network_.record_stanzas = true; }

  // If `protocol` is empty, no protocol fails any more.
  void FailProtocol(const std::string& protocol, int code = 0,
                    absl::Duration backoff = {}, bool per_user = false) {
    sim::v1::SetFaultsRequest faults;
    if (!protocol.empty()) {
      sim::v1::UsyncFault& fault = *faults.add_usync_faults();
      fault.set_protocol(protocol);
      fault.set_code(static_cast<uint32_t>(code));
      *fault.mutable_backoff() = ToProto(backoff);
      fault.set_per_user(per_user);
    }
    ASSERT_TRUE(control().SetFaults(faults).ok());
  }
  // The <usync> of each query so far.
  std::vector<Node> Queries() {
    std::vector<Node> queries;
    for (const sim::RecordedStanza& recorded : simulator_->stanzas()) {
      const Node* const usync = recorded.node.FindChild("usync");
      if (usync != nullptr) queries.push_back(*usync);
    }
    return queries;
  }
  std::vector<std::string> LastProtocols() {
    std::vector<std::string> protocols;
    const Node last = Queries().back();
    for (const Node& protocol : last.FindChild("query")->children()) {
      protocols.push_back(protocol.tag);
    }
    return protocols;
  }
  // A number with a picture, a different one each time.
  std::string Next() {
    std::string number = Find(HasVisiblePicture, next_).phone_number();
    EXPECT_TRUE(absl::SimpleAtoi(number.substr(1), &next_));
    ++next_;
    return number;
  }

 private:
  uint64_t next_ = 491711230000;
};

class SparedProtocolTest : public UsyncLimitsTest,
                           public ::testing::WithParamInterface<const char*> {};

TEST_P(SparedProtocolTest, AFailedProtocolIsOmittedUntilItsBackoffEnds) {
  constexpr absl::Duration kBackoff = absl::Seconds(3);
  const std::string protocol = GetParam();
  Start();
  FailProtocol(protocol, 429, kBackoff);
  const absl::Time asked_at = absl::Now();
  EXPECT_EQ(LookOne(Next()).profile_picture().state(),
            v1::PICTURE_STATE_AVAILABLE);
  FailProtocol("");
  LookOne(Next());
  if (absl::Now() < asked_at + kBackoff) {
    std::vector<std::string> left = {"business", "picture", "contact", "lid"};
    left.erase(std::find(left.begin(), left.end(), protocol));
    EXPECT_EQ(LastProtocols(), left);
  }
  // The protocol is requested again after the backoff, not before.
  EXPECT_TRUE(WaitFor([&] {
    LookOne(Next());
    return LastProtocols().size() == 4;
  }));
  EXPECT_GE(absl::Now(), asked_at + kBackoff);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Protocols, SparedProtocolTest,
                         ::testing::Values("lid", "business"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

TEST_F(UsyncLimitsTest, AFailedFactIsUnknownAndTheStoredFactStays) {
  Start();
  const sim::v1::Account account = Find([](const sim::v1::Account& each) {
    return HasVisiblePicture(each) && each.is_business();
  });
  const std::string contact = account.phone_number();
  EXPECT_TRUE(LookOne(contact).profile_picture().is_business());
  for (const std::string protocol : {"lid", "business"}) {
    FailProtocol(protocol, 500);
    const v1::ProfilePicture picture =
        LookOne(contact, MaxAge(absl::ZeroDuration())).profile_picture();
    EXPECT_TRUE(picture.is_business());
    EXPECT_EQ(picture.name(), account.verified_name());
    EXPECT_EQ(picture.lid(), account.lid());
  }
}

TEST_F(UsyncLimitsTest, AFailedPictureIdIsQueriedDirectly) {
  Start();
  for (const bool per_user : {false, true}) {
    FailProtocol("picture", 500, absl::ZeroDuration(), per_user);
    Asked();
    const v1::ProfilePicture picture = LookOne(Next()).profile_picture();
    EXPECT_EQ(picture.state(), v1::PICTURE_STATE_AVAILABLE);
    EXPECT_NE(picture.url(), "");
    EXPECT_EQ(Asked().picture_queries(), 1u);
  }
}

TEST_F(UsyncLimitsTest, NoUsyncQueryIsSentWhileContactOrPictureIsLimited) {
  constexpr absl::Duration kBackoff = absl::Seconds(1);
  Start();
  for (const std::string protocol : {"picture", "contact"}) {
    for (const bool per_user : {false, true}) {
      SCOPED_TRACE(absl::StrCat(protocol, per_user ? " of each user" : ""));
      FailProtocol(protocol, 429, kBackoff, per_user);
      Asked();
      ExpectAnswerAfter(kBackoff, Next(), [&] { FailProtocol(""); });
      EXPECT_EQ(Asked().usync_queries(), 2u);
    }
  }
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

}  // namespace
}  // namespace portrait
