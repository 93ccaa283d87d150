#include "core/store/record_view.h"

#include <string>

#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

ContactRecord Full() {
  ContactRecord record;
  record.set_jid("13105551234@s.whatsapp.net");
  record.set_phone_number("+13105551234");
  record.set_lid("100875997589545@lid");
  record.set_registration(v1::REGISTRATION_REGISTERED);
  record.set_state(v1::PICTURE_STATE_HIDDEN);
  record.set_id("1700000000");
  record.set_url(std::string(300, 'u'));
  record.set_preview_url("preview");
  record.set_direct_path("path");
  record.set_type("image");
  record.set_hash("hash");
  record.set_is_business(true);
  record.set_name("Bäckerei");
  record.mutable_check_time()->set_seconds(1'790'000'000);
  record.mutable_check_time()->set_nanos(5000);
  record.mutable_change_time()->set_seconds(-1);
  record.set_previous_id("16");
  record.set_session("main");
  record.mutable_url_expire_time()->set_seconds(1'800'000'000);
  record.mutable_preview_url_expire_time()->set_seconds(1'800'000'001);
  record.mutable_state_time()->set_seconds(1'790'000'000);
  record.set_outdated(true);
  return record;
}

TEST(RecordViewTest, ShowsTheFieldsOfTheRecord) {
  const std::string bytes = Full().SerializeAsString();
  const absl::StatusOr<RecordView> view = RecordView::Read(bytes);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->bytes(), bytes);
  EXPECT_EQ(view->jid(), "13105551234@s.whatsapp.net");
  EXPECT_EQ(view->phone_number(), "+13105551234");
  EXPECT_EQ(view->registration(), v1::REGISTRATION_REGISTERED);
  EXPECT_EQ(view->state(), v1::PICTURE_STATE_HIDDEN);
  EXPECT_EQ(view->id(), "1700000000");
  EXPECT_EQ(view->url(), std::string(300, 'u'));
  EXPECT_EQ(view->preview_url(), "preview");
  EXPECT_EQ(view->session(), "main");
  EXPECT_EQ(view->check_time().seconds(), 1'790'000'000);
  EXPECT_EQ(view->check_time().nanos(), 5000);
  EXPECT_EQ(view->url_expire_time().seconds(), 1'800'000'000);
  EXPECT_EQ(view->preview_url_expire_time().seconds(), 1'800'000'001);
  EXPECT_TRUE(view->has_state_time());
  EXPECT_TRUE(view->outdated());
  EXPECT_EQ(view->lid(), "100875997589545@lid");
}

TEST(RecordViewTest, AnEmptyRecordHasDefaults) {
  const absl::StatusOr<RecordView> view = RecordView::Read("");
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->jid(), "");
  EXPECT_EQ(view->registration(), v1::REGISTRATION_UNSPECIFIED);
  EXPECT_EQ(view->state(), v1::PICTURE_STATE_UNSPECIFIED);
  EXPECT_FALSE(view->has_check_time());
  EXPECT_FALSE(view->outdated());
  EXPECT_FALSE(view->has_url_expire_time());
  EXPECT_EQ(view->Encoded(ContactRecord::kIdFieldNumber), "");
}

// The encoded fields of a result, concatenated, are the record.
TEST(RecordViewTest, FieldsAreCopiedUnchanged) {
  const ContactRecord record = Full();
  const std::string bytes = record.SerializeAsString();
  const absl::StatusOr<RecordView> view = RecordView::Read(bytes);
  ASSERT_TRUE(view.ok()) << view.status();
  std::string together;
  for (int field = 1; field <= ContactRecord::kOutdatedFieldNumber; ++field) {
    const absl::string_view encoded = view->Encoded(field);
    together.append(encoded.data(), encoded.size());
  }
  EXPECT_EQ(together, bytes);
}

TEST(RecordViewTest, FieldsOfANewerVersionAreLeftOut) {
  ContactRecord record = Full();
  auto* unknown = record.GetReflection()->MutableUnknownFields(&record);
  unknown->AddVarint(90, 7);
  unknown->AddLengthDelimited(250, "newer");
  unknown->AddGroup(251)->AddFixed32(1, 7);
  const std::string bytes = record.SerializeAsString();
  const absl::StatusOr<RecordView> view = RecordView::Read(bytes);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->session(), "main");
  EXPECT_EQ(view->Encoded(90), "");
  EXPECT_EQ(view->Encoded(250), "");
}

TEST(RecordViewTest, TheLastOfARepeatedFieldCounts) {
  ContactRecord first, second;
  first.set_id("1");
  first.set_state(v1::PICTURE_STATE_HIDDEN);
  second.set_id("2");
  second.set_state(v1::PICTURE_STATE_NOT_SET);
  const std::string bytes =
      first.SerializeAsString() + second.SerializeAsString();
  const absl::StatusOr<RecordView> view = RecordView::Read(bytes);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->id(), "2");
  EXPECT_EQ(view->state(), v1::PICTURE_STATE_NOT_SET);
}

TEST(RecordViewTest, RefusesARecordCutWithinAField) {
  const std::string bytes = Full().SerializeAsString();
  size_t refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    const absl::StatusOr<RecordView> view = RecordView::Read(cut);
    ContactRecord record;
    EXPECT_EQ(view.ok(), record.ParseFromString(cut)) << size;
    if (!view.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(view.status()));
      ++refused;
    }
  }
  EXPECT_GT(refused, bytes.size() / 2);
}

TEST(RecordViewTest, RefusesAFieldOfAnotherType) {
  EXPECT_FALSE(RecordView::Read("\x08\x01").ok());  // jid must not be a number
  // Registration must not be text.
  EXPECT_FALSE(RecordView::Read("\x22\x01x").ok());
  // A length without an end.
  EXPECT_FALSE(RecordView::Read("\x0a\xff\xff").ok());
  EXPECT_FALSE(
      RecordView::Read("\x0a\xff\xff\xff\xff\x0f").ok());  // 4 GiB long
  EXPECT_FALSE(RecordView::Read(absl::string_view("\0", 1)).ok());
}

}  // namespace
}  // namespace portrait
