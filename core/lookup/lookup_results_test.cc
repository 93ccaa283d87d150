#include "core/lookup/lookup_results.h"

#include "core/base/proto_time.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using google::protobuf::TextFormat;
using store::v1::ContactRecord;

constexpr uint64_t kTag = 300;

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

void ExpectRendered(const ContactRecord& record, const Wanted& wanted,
                    absl::Time now, const std::string& expected) {
  const std::string bytes = record.SerializeAsString();
  const absl::StatusOr<RecordView> view = RecordView::Read(bytes);
  ASSERT_TRUE(view.ok()) << view.status();
  LookupResults results;
  results.AddPicture(kTag, *view, wanted, v1::SOURCE_STORE, now);
  const v1::EnrichResult result = results.Decode(0);
  EXPECT_EQ(result.tag(), kTag);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      result.profile_picture(), FromText<v1::ProfilePicture>(expected)))
      << result.DebugString();
  EXPECT_EQ(results.facts()[0].state, result.profile_picture().state());
}

ContactRecord Available() {
  return FromText<ContactRecord>(R"pb(
    jid: "13105551234@s.whatsapp.net"
    phone_number: "+13105551234"
    lid: "100875997589545@lid"
    registration: REGISTRATION_REGISTERED
    state: PICTURE_STATE_AVAILABLE
    id: "17"
    url: "u"
    preview_url: "p"
    direct_path: "d"
    type: "image"
    hash: "h"
    is_business: true
    name: "Shop"
    check_time { seconds: 900 }
    change_time { seconds: 500 }
    previous_id: "16"
    session: "first"
    url_expire_time { seconds: 2000 }
    preview_url_expire_time { seconds: 1500 }
    state_time { seconds: 900 })pb");
}

constexpr char kAvailable[] = R"pb(
  jid: "13105551234@s.whatsapp.net"
  phone_number: "+13105551234"
  lid: "100875997589545@lid"
  registration: REGISTRATION_REGISTERED
  state: PICTURE_STATE_AVAILABLE
  id: "17"
  hash: "h"
  is_business: true
  name: "Shop"
  check_time { seconds: 900 }
  change_time { seconds: 500 }
  previous_id: "16"
  source: SOURCE_STORE
  session: "first")pb";

TEST(LookupResultsTest, HasTheRequestedUrlsAndTheirEarliestExpiry) {
  const struct {
    v1::PictureSize size;
    const char* urls;
  } kCases[] = {
      {v1::PICTURE_SIZE_UNSPECIFIED,
       R"pb(url: "u"
            direct_path: "d"
            type: "image"
            url_expire_time { seconds: 2000 })pb"},
      {v1::PICTURE_SIZE_FULL,
       R"pb(url: "u"
            direct_path: "d"
            type: "image"
            url_expire_time { seconds: 2000 })pb"},
      {v1::PICTURE_SIZE_PREVIEW,
       R"pb(preview_url: "p"
            direct_path: "d"
            type: "image"
            url_expire_time { seconds: 1500 })pb"},
      {v1::PICTURE_SIZE_BOTH,
       R"pb(url: "u"
            preview_url: "p"
            direct_path: "d"
            type: "image"
            url_expire_time { seconds: 1500 })pb"},
      {v1::PICTURE_SIZE_NONE, ""},
  };
  for (const auto& c : kCases) {
    ExpectRendered(Available(), {.size = c.size}, At(1000),
                   std::string(kAvailable) + c.urls);
  }
}

TEST(LookupResultsTest, NeverGivesAnExpiredUrl) {
  ExpectRendered(Available(), {.size = v1::PICTURE_SIZE_BOTH}, At(1500),
                 std::string(kAvailable) +
                     R"pb(url: "u"
                          direct_path: "d"
                          type: "image"
                          url_expire_time { seconds: 2000 })pb");
  ExpectRendered(Available(), {.size = v1::PICTURE_SIZE_BOTH}, At(2000),
                 kAvailable);
}

TEST(LookupResultsTest, AUrlWithoutAnExpiryHasNoExpireTime) {
  ContactRecord record = Available();
  record.clear_url_expire_time();
  ExpectRendered(record, {}, At(99'999),
                 std::string(kAvailable) + R"pb(url: "u"
                                                direct_path: "d"
                                                type: "image")pb");
}

TEST(LookupResultsTest, AnExistingIdThatIsCurrentIsUnchangedWithoutUrls) {
  std::string expected = kAvailable;
  const std::string available = "PICTURE_STATE_AVAILABLE";
  expected.replace(expected.find(available), available.size(),
                   "PICTURE_STATE_UNCHANGED");
  ExpectRendered(Available(),
                 {.size = v1::PICTURE_SIZE_BOTH, .existing_id = "17"}, At(1000),
                 expected);
  ExpectRendered(Available(),
                 {.size = v1::PICTURE_SIZE_NONE, .existing_id = "16"}, At(1000),
                 kAvailable);
}

TEST(LookupResultsTest, HiddenAndNotSetHaveNoPicture) {
  for (const char* state : {"PICTURE_STATE_HIDDEN", "PICTURE_STATE_NOT_SET"}) {
    const std::string common = std::string(R"pb(
                                 jid: "120363041234567890@g.us"
                                 previous_id: "16"
                                 check_time { seconds: 900 }
                                 session: "first"
                                 state:)pb") +
                               state;
    // Without a picture, an existing id does not lead to UNCHANGED.
    ExpectRendered(FromText<ContactRecord>(common + " url: 'stale'"),
                   {.existing_id = "16"}, At(1000),
                   common + " source: SOURCE_STORE");
  }
}

TEST(LookupResultsTest, ANumberNotOnWhatsAppHasNoStateAtAll) {
  ContactRecord record = Available();
  record.set_registration(v1::REGISTRATION_NOT_REGISTERED);
  record.clear_phone_number();
  ExpectRendered(record, {}, At(1000), R"pb(
    jid: "13105551234@s.whatsapp.net"
    phone_number: "+13105551234"
    lid: "100875997589545@lid"
    registration: REGISTRATION_NOT_REGISTERED
    check_time { seconds: 900 }
    change_time { seconds: 500 }
    previous_id: "16"
    source: SOURCE_STORE
    session: "first")pb");
}

TEST(LookupResultsTest, ErrorsHaveARetryTimeOnlyIfARetryHelps) {
  LookupResults results;
  results.AddError(kTag, {v1::ERROR_REASON_RATE_LIMITED, "slow down",
                          absl::Milliseconds(1500)});
  results.AddError(
      0, {v1::ERROR_REASON_SUPPRESSED, "objected", absl::ZeroDuration()});
  v1::LookupError error = results.Decode(0).error();
  EXPECT_EQ(results.Decode(0).tag(), kTag);
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(error.message(), "slow down");
  EXPECT_EQ(FromProto(error.retry_after()), absl::Milliseconds(1500));
  error = results.Decode(1).error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_SUPPRESSED);
  EXPECT_FALSE(error.has_retry_after());
}

TEST(LookupResultsTest, SeveralResultsAreOneResponse) {
  const std::string bytes = Available().SerializeAsString();
  const absl::StatusOr<RecordView> view = RecordView::Read(bytes);
  ASSERT_TRUE(view.ok()) << view.status();
  LookupResults results;
  for (uint64_t tag : {7u, 0u, 70'000u}) {
    results.AddPicture(tag, *view, {}, v1::SOURCE_STORE, At(1000));
    results.AddError(tag, {v1::ERROR_REASON_SUPPRESSED, "no", {}});
  }
  v1::EnrichProfilePicturesResponse response;
  ASSERT_TRUE(response.ParseFromString(
      std::string(results.Encoded(0, results.size()))));
  ASSERT_EQ(response.results_size(), 6);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(response.results(i).SerializeAsString(),
              results.Decode(i).SerializeAsString());
    EXPECT_EQ(response.results(i).has_error(), i % 2 == 1);
  }
  ASSERT_TRUE(response.ParseFromString(std::string(results.Encoded(2, 4))));
  EXPECT_EQ(response.results_size(), 2);
  EXPECT_EQ(response.results(0).tag(), 0);
}

TEST(LookupResultsTest, DropsTheResultsThatFailedForOneReason) {
  LookupResults results;
  results.AddError(1, {v1::ERROR_REASON_SHUTTING_DOWN, "", {}});
  results.AddError(2, {v1::ERROR_REASON_STORAGE, "", {}});
  results.AddError(3, {v1::ERROR_REASON_SHUTTING_DOWN, "", {}});
  results.AddError(4, {v1::ERROR_REASON_STORAGE, "", {}});
  EXPECT_EQ(results.Drop(v1::ERROR_REASON_SHUTTING_DOWN), 2);
  ASSERT_EQ(results.size(), 2);
  EXPECT_EQ(results.Decode(0).tag(), 2);
  EXPECT_EQ(results.Decode(1).tag(), 4);
  EXPECT_EQ(results.Drop(v1::ERROR_REASON_SHUTTING_DOWN), 0);
}

}  // namespace
}  // namespace portrait
