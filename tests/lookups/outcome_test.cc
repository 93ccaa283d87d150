// Tests that each kind of WhatsApp's answers has one outcome for the caller.
#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Runs with the usual form of each answer, and with the rarer one.
class OutcomeTest : public LookupWorld,
                    public ::testing::WithParamInterface<bool> {
 protected:
  OutcomeTest() {
    // If usync tells no errors, pictures must be queried.
    network_.habits.usync_bare_pictures = true;
    network_.habits.odd_picture_answers = GetParam();
  }
};

TEST_P(OutcomeTest, FoundHiddenNotSetAndUnchangedAreDistinguished) {
  Start();
  const v1::ProfilePicture found =
      LookOne(Find(HasVisiblePicture).phone_number()).profile_picture();
  EXPECT_EQ(found.state(), v1::PICTURE_STATE_AVAILABLE);
  EXPECT_NE(found.url(), "");
  EXPECT_TRUE(found.has_url_expire_time());
  EXPECT_EQ(
      LookOne(Find(HasHiddenPicture).phone_number()).profile_picture().state(),
      v1::PICTURE_STATE_HIDDEN);
  EXPECT_EQ(
      LookOne(Find(HasNoPicture).phone_number()).profile_picture().state(),
      v1::PICTURE_STATE_NOT_SET);

  // While usync reports no ids, only the picture query can answer "unchanged".
  sim::v1::SetFaultsRequest faults;
  faults.add_usync_faults()->set_protocol("picture");
  faults.mutable_usync_faults(0)->set_code(500);
  ASSERT_TRUE(control().SetFaults(faults).ok());
  Asked();
  LookupRequest id_only = MaxAge(absl::ZeroDuration());
  id_only.size = v1::PICTURE_SIZE_NONE;
  const v1::ProfilePicture again =
      LookOne(found.jid(), id_only).profile_picture();
  EXPECT_EQ(again.id(), found.id());
  EXPECT_EQ(again.state(), v1::PICTURE_STATE_AVAILABLE);
  EXPECT_EQ(Asked().picture_queries(), 1u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Forms, OutcomeTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Rare" : "Usual";
                         });

// A failure is not an outcome: the caller gets the reason, and whether to
// retry.
class PictureErrorTest : public LookupWorld {
 protected:
  void Fail(int code, absl::Duration backoff, bool inside) {
    sim::v1::SetFaultsRequest faults;
    faults.mutable_picture_fault()->set_code(static_cast<uint32_t>(code));
    *faults.mutable_picture_fault()->mutable_backoff() = ToProto(backoff);
    faults.mutable_picture_fault()->set_inside(inside);
    ASSERT_TRUE(control().SetFaults(faults).ok());
  }
};

TEST_F(PictureErrorTest, Error403IsFinalAndTheOthersMayPass) {
  Start();
  const std::string contact = Find(HasVisiblePicture).phone_number();
  const struct {
    int code;
    bool inside;
    bool is_final;
  } kCases[] = {
      {403, false, true},  {403, true, true},  {400, false, false},
      {503, false, false}, {500, true, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(absl::StrCat(c.code, c.inside ? " inside" : ""));
    Fail(c.code, absl::ZeroDuration(), c.inside);
    Asked();
    const v1::LookupError error = LookOne(contact).error();
    EXPECT_EQ(error.reason(), v1::ERROR_REASON_UPSTREAM_ERROR);
    EXPECT_THAT(error.message(), HasSubstr(absl::StrCat(c.code)));
    EXPECT_EQ(error.has_retry_after(), !c.is_final);
    EXPECT_EQ(Asked().picture_queries(),
              c.is_final ? 1u : size_t{kMaxTaskAttempts});
    // An unknown state is not stored, either.
    EXPECT_EQ(Stored(absl::StrCat(contact.substr(1), "@s.whatsapp.net"))
                  .registration(),
              v1::REGISTRATION_UNSPECIFIED);
  }
  Fail(0, absl::ZeroDuration(), false);
  EXPECT_EQ(LookOne(contact).profile_picture().state(),
            v1::PICTURE_STATE_AVAILABLE);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_F(PictureErrorTest, Error429IsRetriedAfterItsBackoff) {
  constexpr absl::Duration kBackoff = absl::Seconds(2);
  Start();
  for (const bool inside : {false, true}) {
    SCOPED_TRACE(inside ? "inside" : "iq error");
    const std::string contact =
        Find(HasVisiblePicture, inside ? 491711240000 : 491711230000)
            .phone_number();
    Fail(429, kBackoff, inside);
    Asked();
    ExpectAnswerAfter(kBackoff, contact,
                      [&] { Fail(0, absl::ZeroDuration(), false); });
    EXPECT_EQ(Asked().picture_queries(), 2u);
  }
}

class LocalAnswerTest : public LookupWorld {};

TEST_F(LocalAnswerTest, ContactsThatNeverGetAnAnswerAreNotQueried) {
  Start();
  Asked();
  const struct {
    const char* contact;
    v1::ErrorReason reason;
    const char* says;
  } kCases[] = {
      {"0@s.whatsapp.net", v1::ERROR_REASON_INVALID_CONTACT, "announcements"},
      {"0@c.us", v1::ERROR_REASON_INVALID_CONTACT, "announcements"},
      {"+15551230001", v1::ERROR_REASON_OWN_NUMBER, ""},
      {"15551230001:3@s.whatsapp.net", v1::ERROR_REASON_OWN_NUMBER, ""},
      {"status@broadcast", v1::ERROR_REASON_INVALID_CONTACT, "no picture"},
      {"867051314767696@bot", v1::ERROR_REASON_INVALID_CONTACT, "bots"},
  };
  for (const auto& c : kCases) {
    const v1::LookupError error = LookOne(c.contact).error();
    EXPECT_EQ(error.reason(), c.reason) << c.contact;
    EXPECT_THAT(error.message(), HasSubstr(c.says));
    EXPECT_FALSE(error.has_retry_after());
  }
  const auto asked = Asked();
  EXPECT_EQ(asked.usync_queries() + asked.picture_queries(), 0u);
}

}  // namespace
}  // namespace portrait
