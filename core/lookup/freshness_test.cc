#include "core/lookup/freshness.h"

#include <functional>

#include "core/base/proto_time.h"
#include "core/store/record_view.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

constexpr absl::Duration kHour = absl::Hours(1);

absl::Time Now() { return absl::FromUnixSeconds(1'800'000'000); }

// A record that "first" saw an hour ago, with both URLs valid for two days.
ContactRecord Available() {
  ContactRecord record;
  record.set_jid("13105551234@s.whatsapp.net");
  record.set_registration(v1::REGISTRATION_REGISTERED);
  record.set_state(v1::PICTURE_STATE_AVAILABLE);
  record.set_id("1700000001");
  record.set_url("https://pps.example/full");
  record.set_preview_url("https://pps.example/preview");
  *record.mutable_url_expire_time() = ToProto(Now() + absl::Hours(48));
  *record.mutable_preview_url_expire_time() = ToProto(Now() + absl::Hours(48));
  *record.mutable_check_time() = ToProto(Now() - kHour);
  *record.mutable_state_time() = ToProto(Now() - kHour);
  record.set_session("first");
  return record;
}

ContactRecord With(std::function<void(ContactRecord&)> change) {
  ContactRecord record = Available();
  change(record);
  return record;
}

ContactRecord InState(v1::PictureState state) {
  return With([state](ContactRecord& record) {
    record.set_state(state);
    record.clear_id();
    record.clear_url();
    record.clear_preview_url();
  });
}

ContactRecord NotRegistered() {
  return With([](ContactRecord& record) {
    record.set_registration(v1::REGISTRATION_NOT_REGISTERED);
    record.clear_state();
    record.clear_id();
    record.clear_url();
    record.clear_preview_url();
  });
}

ContactRecord OfGroup(v1::PictureState state) {
  ContactRecord record = InState(state);
  record.set_jid("120363012345678901@g.us");
  return record;
}

Wanted Size(v1::PictureSize size) { return {.size = size}; }

TEST(FreshnessTest, ARecordWithAFutureTimeIsNeverFresh) {
  const ContactRecord ahead = With([](ContactRecord& record) {
    *record.mutable_check_time() = ToProto(Now() + 2 * kHour);
  });
  Wanted wanted;
  wanted.max_age = absl::Hours(24);
  EXPECT_TRUE(IsFresh(Available(), wanted, FreshnessOptions(), Now()));
  EXPECT_FALSE(IsFresh(ahead, wanted, FreshnessOptions(), Now()));
  // A state reported at that time does not save the picture query, either.
  ContactRecord hidden = InState(v1::PICTURE_STATE_HIDDEN);
  ContactTask task;
  FillNeeds(&hidden, wanted, FreshnessOptions(), Now(), &task);
  EXPECT_TRUE(task.stored_state_is_fresh);
  *hidden.mutable_state_time() = ToProto(Now() + 2 * kHour);
  FillNeeds(&hidden, wanted, FreshnessOptions(), Now(), &task);
  EXPECT_FALSE(task.stored_state_is_fresh);
}

TEST(FreshnessTest, AFreshRecordWithTheRequestedFieldsIsAnAnswer) {
  const auto no_url = [](ContactRecord& r) { r.clear_url(); };
  const auto no_preview = [](ContactRecord& r) { r.clear_preview_url(); };
  const auto url_expiring = [](ContactRecord& r) {
    *r.mutable_url_expire_time() = ToProto(Now() + absl::Minutes(4));
  };
  const auto preview_expired = [](ContactRecord& r) {
    *r.mutable_preview_url_expire_time() = ToProto(Now() - kHour);
  };
  const auto url_for_ever = [](ContactRecord& r) { r.clear_url_expire_time(); };
  const struct {
    const char* name;
    ContactRecord record;
    Wanted wanted;
    bool fresh;
  } kCases[] = {
      {"full", Available(), {}, true},
      {"unset size is full", With(no_url), Size(v1::PICTURE_SIZE_UNSPECIFIED),
       false},
      {"both", Available(), Size(v1::PICTURE_SIZE_BOTH), true},
      {"full without its URL", With(no_url), {}, false},
      {"preview without the full URL", With(no_url),
       Size(v1::PICTURE_SIZE_PREVIEW), true},
      {"both without the preview", With(no_preview),
       Size(v1::PICTURE_SIZE_BOTH), false},
      {"both with one expired", With(preview_expired),
       Size(v1::PICTURE_SIZE_BOTH), false},
      {"full, preview expired", With(preview_expired), {}, true},
      {"URL about to expire", With(url_expiring), {}, false},
      {"no URL wanted", With(url_expiring), Size(v1::PICTURE_SIZE_NONE), true},
      {"URL without an end", With(url_for_ever), {}, true},
      {"existing id is current, URL gone",
       With(no_url),
       {.existing_id = "1700000001"},
       true},
      {"existing id is another, URL gone",
       With(no_url),
       {.existing_id = "1600000000"},
       false},
      {"hidden", InState(v1::PICTURE_STATE_HIDDEN), {}, true},
      {"a group that hides it", OfGroup(v1::PICTURE_STATE_HIDDEN), {}, false},
      {"a group that hides it, told to be new enough",
       OfGroup(v1::PICTURE_STATE_HIDDEN),
       {.max_age = absl::Hours(9)},
       true},
      {"a group without one", OfGroup(v1::PICTURE_STATE_NOT_SET), {}, true},
      {"not set", InState(v1::PICTURE_STATE_NOT_SET), {}, true},
      {"not registered", NotRegistered(), {}, true},
      {"state never learned",
       InState(v1::PICTURE_STATE_UNSPECIFIED),
       {.max_age = absl::Hours(9)},
       false},
      {"never checked",
       With([](ContactRecord& r) { r.clear_check_time(); }),
       {},
       false},
      {"checked in the future",
       With([](ContactRecord& r) {
         *r.mutable_check_time() = ToProto(Now() + kHour);
       }),
       {},
       false},
      {"changed since, it was not told how",
       With([](ContactRecord& r) { r.set_outdated(true); }),
       {.max_age = absl::Hours(9)},
       false},
      {"the session asked for", Available(), {.session = "first"}, true},
      {"another session", Available(), {.session = "second"}, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(IsFresh(c.record, c.wanted, {}, Now()), c.fresh);
  }
}

TEST(FreshnessTest, EachOutcomeHasItsOwnDefaultAge) {
  const FreshnessOptions options = {.available = absl::Minutes(10),
                                    .hidden = absl::Minutes(20),
                                    .not_set = absl::Minutes(30),
                                    .not_registered = absl::Minutes(40)};
  const struct {
    ContactRecord record;
    absl::Duration age;
  } kCases[] = {
      {Available(), absl::Minutes(10)},
      {InState(v1::PICTURE_STATE_HIDDEN), absl::Minutes(20)},
      {InState(v1::PICTURE_STATE_NOT_SET), absl::Minutes(30)},
      {NotRegistered(), absl::Minutes(40)},
  };
  for (const auto& c : kCases) {
    const absl::Time checked = FromProto(c.record.check_time());
    EXPECT_TRUE(IsFresh(c.record, {}, options, checked + c.age));
    EXPECT_FALSE(
        IsFresh(c.record, {}, options, checked + c.age + absl::Seconds(1)));
  }
}

TEST(FreshnessTest, TheCallersMaximumAgeTakesPrecedence) {
  EXPECT_TRUE(IsFresh(Available(), {.max_age = kHour}, {}, Now()));
  EXPECT_FALSE(IsFresh(Available(), {.max_age = kHour / 2}, {}, Now()));
  EXPECT_TRUE(IsFresh(Available(), {.max_age = absl::InfiniteDuration()},
                      {.available = absl::Seconds(1)}, Now()));
}

TEST(FreshnessTest, AnAgeOfZeroAlwaysAsks) {
  const ContactRecord checked_now = With([](ContactRecord& record) {
    *record.mutable_check_time() = ToProto(Now());
  });
  EXPECT_FALSE(
      IsFresh(checked_now, {.max_age = absl::ZeroDuration()}, {}, Now()));
  EXPECT_FALSE(
      IsFresh(NotRegistered(), {.max_age = absl::ZeroDuration()}, {}, Now()));
}

TEST(FreshnessTest, AnUnknownContactNeedsItsUrls) {
  ContactTask task;
  FillNeeds<RecordView>(nullptr,
                        {.size = v1::PICTURE_SIZE_BOTH, .existing_id = "7"}, {},
                        Now(), &task);
  EXPECT_EQ(task.full_url, UrlNeed::kAlways);
  EXPECT_EQ(task.preview_url, UrlNeed::kAlways);
  EXPECT_EQ(task.existing_id, "7");
  EXPECT_EQ(task.stored_id, "");
  EXPECT_EQ(task.stored_state, v1::PICTURE_STATE_UNSPECIFIED);
  EXPECT_FALSE(task.stored_state_is_fresh);
}

TEST(FreshnessTest, AUrlIsNeededOnlyIfTheStoredUrlIsUnusable) {
  ContactRecord record = Available();
  *record.mutable_preview_url_expire_time() = ToProto(Now());
  const struct {
    v1::PictureSize size;
    UrlNeed full, preview;
  } kCases[] = {
      {v1::PICTURE_SIZE_NONE, UrlNeed::kNo, UrlNeed::kNo},
      {v1::PICTURE_SIZE_FULL, UrlNeed::kIfIdChanged, UrlNeed::kNo},
      {v1::PICTURE_SIZE_PREVIEW, UrlNeed::kNo, UrlNeed::kAlways},
      {v1::PICTURE_SIZE_BOTH, UrlNeed::kIfIdChanged, UrlNeed::kAlways},
  };
  for (const auto& c : kCases) {
    ContactTask task;
    FillNeeds(&record, Size(c.size), {}, Now(), &task);
    EXPECT_EQ(task.full_url, c.full);
    EXPECT_EQ(task.preview_url, c.preview);
    EXPECT_EQ(task.stored_id, "1700000001");
  }
}

TEST(FreshnessTest, AReportedStateCanBeConfirmedForAWhileByTheSameSession) {
  ContactRecord hidden = InState(v1::PICTURE_STATE_HIDDEN);
  *hidden.mutable_state_time() = ToProto(Now() - absl::Hours(24 * 6));
  ContactTask task;
  FillNeeds(&hidden, {}, {}, Now(), &task);
  EXPECT_TRUE(task.stored_state_is_fresh);
  FillNeeds(&hidden, {.session = "second"}, {}, Now(), &task);
  EXPECT_FALSE(task.stored_state_is_fresh);
  FillNeeds(&hidden, {}, {}, Now() + absl::Hours(48), &task);
  EXPECT_FALSE(task.stored_state_is_fresh);
  hidden.set_outdated(true);
  FillNeeds(&hidden, {}, {}, Now(), &task);
  EXPECT_FALSE(task.stored_state_is_fresh);
  const ContactRecord available = Available();
  FillNeeds(&available, {}, {}, Now(), &task);
  EXPECT_FALSE(task.stored_state_is_fresh);
}

}  // namespace
}  // namespace portrait
