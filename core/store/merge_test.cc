#include "core/store/merge.h"

#include <string>
#include <vector>

#include "core/base/proto_time.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

Observation Told(v1::PictureState state, int second) {
  return portrait::Told(kAlice, state, second);
}

Observation Available(const std::string& id, int second) {
  return portrait::Available(kAlice, id, second);
}

Observation Registered(v1::Registration registration, int second) {
  return portrait::Registered(kAlice, registration, second);
}

// A picture with all fields that WhatsApp reports.
Observation WholePicture(const std::string& id, int second) {
  Observation observation = Available(id, second);
  observation.registration = v1::REGISTRATION_REGISTERED;
  observation.full_url = PictureUrl{"https://cdn/full/" + id, At(1000)};
  observation.preview_url = PictureUrl{"https://cdn/small/" + id, At(2000)};
  observation.direct_path = "/v/" + id;
  observation.type = "image";
  observation.hash = "\xFF hash";
  observation.is_business = true;
  observation.name = "Alice";
  observation.lid = "100@lid";
  observation.session = "main";
  return observation;
}

ContactRecord RecordOf(const std::vector<Observation>& observations) {
  ContactRecord record;
  record.set_jid(kAlice);
  for (const Observation& each : observations) Merge(each, record);
  return record;
}

v1::ChangeKind KindOf(const Merged& merged) {
  return merged.change.has_value() ? merged.change->kind
                                   : v1::CHANGE_KIND_UNSPECIFIED;
}

struct Case {
  std::string name;
  std::vector<Observation> stored;
  Observation seen;
  v1::ChangeKind kind = v1::CHANGE_KIND_UNSPECIFIED;  // none
  std::string old_id = "";
  std::string new_id = "";
};

void ExpectKinds(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    ContactRecord record = RecordOf(each.stored);
    const Merged merged = Merge(each.seen, record);
    EXPECT_TRUE(merged.applied);
    EXPECT_EQ(KindOf(merged), each.kind);
    if (!merged.change.has_value()) continue;
    EXPECT_EQ(merged.change->old_id, each.old_id);
    EXPECT_EQ(merged.change->new_id, each.new_id);
    EXPECT_EQ(merged.change->jid, kAlice);
    EXPECT_EQ(merged.change->phone_number, "+13105551234");
    EXPECT_EQ(merged.change->observed_at, each.seen.observed_at);

    // A second observation with the same content is not a change.
    EXPECT_EQ(KindOf(Merge(each.seen, record)), v1::CHANGE_KIND_UNSPECIFIED);
  }
}

TEST(MergeTest, TellsTheKindOfEachChangeOfAPicture) {
  constexpr auto kHidden = v1::PICTURE_STATE_HIDDEN;
  constexpr auto kNotSet = v1::PICTURE_STATE_NOT_SET;
  ExpectKinds({
      {"new, with a picture",
       {},
       Available("7", 2),
       v1::CHANGE_KIND_FIRST_SEEN,
       "",
       "7"},
      {"new, hidden", {}, Told(kHidden, 2)},
      {"new, none", {}, Told(kNotSet, 2)},

      {"the same picture", {Available("7", 1)}, Available("7", 2)},
      {"another picture",
       {Available("7", 1)},
       Available("8", 2),
       v1::CHANGE_KIND_REPLACED,
       "7",
       "8"},
      {"taken away",
       {Available("7", 1)},
       Told(kNotSet, 2),
       v1::CHANGE_KIND_REMOVED,
       "7",
       ""},
      {"hidden",
       {Available("7", 1)},
       Told(kHidden, 2),
       v1::CHANGE_KIND_HIDDEN,
       "7",
       ""},

      {"shown again",
       {Told(kHidden, 1)},
       Available("7", 2),
       v1::CHANGE_KIND_UNHIDDEN,
       "",
       "7"},
      {"no longer hidden, but none",
       {Told(kHidden, 1)},
       Told(kNotSet, 2),
       v1::CHANGE_KIND_UNHIDDEN,
       "",
       ""},
      {"still hidden", {Told(kHidden, 1)}, Told(kHidden, 2)},

      {"set",
       {Told(kNotSet, 1)},
       Available("7", 2),
       v1::CHANGE_KIND_ADDED,
       "",
       "7"},
      {"none, now hidden",
       {Told(kNotSet, 1)},
       Told(kHidden, 2),
       v1::CHANGE_KIND_HIDDEN,
       "",
       ""},
      {"still none", {Told(kNotSet, 1)}, Told(kNotSet, 2)},
  });
}

TEST(MergeTest, TellsTheKindOfEachChangeOfRegistration) {
  const auto in = [](Observation observation) {
    observation.registration = v1::REGISTRATION_REGISTERED;
    return observation;
  };
  constexpr auto kIn = v1::REGISTRATION_REGISTERED;
  constexpr auto kOut = v1::REGISTRATION_NOT_REGISTERED;
  constexpr auto kNotSet = v1::PICTURE_STATE_NOT_SET;
  Observation out_with_a_picture = Available("8", 2);
  out_with_a_picture.registration = kOut;
  ExpectKinds({
      {"new, registered", {}, Registered(kIn, 2)},
      {"new, not registered", {}, Registered(kOut, 2)},
      {"registered, then a picture",
       {Registered(kIn, 1)},
       Available("7", 2),
       v1::CHANGE_KIND_FIRST_SEEN,
       "",
       "7"},

      {"joined",
       {Registered(kOut, 1)},
       Registered(kIn, 2),
       v1::CHANGE_KIND_REGISTERED,
       "",
       ""},
      {"joined with a picture",
       {Registered(kOut, 1)},
       in(Available("7", 2)),
       v1::CHANGE_KIND_REGISTERED,
       "",
       "7"},
      {"joined, as its picture says",
       {Registered(kOut, 1)},
       Available("7", 2),
       v1::CHANGE_KIND_REGISTERED,
       "",
       "7"},

      {"left",
       {in(Available("7", 1))},
       Registered(kOut, 2),
       v1::CHANGE_KIND_UNREGISTERED,
       "7",
       ""},
      {"left, whatever state is told",
       {in(Available("7", 1))},
       out_with_a_picture,
       v1::CHANGE_KIND_UNREGISTERED,
       "7",
       ""},
      {"left, had none",
       {in(Told(kNotSet, 1))},
       Registered(kOut, 2),
       v1::CHANGE_KIND_UNREGISTERED,
       "",
       ""},
      {"had a picture, so it left",
       {Available("7", 1)},
       Registered(kOut, 2),
       v1::CHANGE_KIND_UNREGISTERED,
       "7",
       ""},
      {"was perhaps never there", {Told(kNotSet, 1)}, Registered(kOut, 2)},
      {"still not there", {Registered(kOut, 1)}, Registered(kOut, 2)},
      {"not there, so no picture", {Registered(kOut, 1)}, Told(kNotSet, 2)},
      {"left, joined, then set a picture",
       {in(Available("7", 0)), Registered(kOut, 0), Registered(kIn, 1)},
       Available("8", 2),
       v1::CHANGE_KIND_ADDED,
       "",
       "8"},
  });
}

TEST(MergeTest, StoresEveryLearnedFact) {
  const ContactRecord record = RecordOf({WholePicture("7", 1)});
  EXPECT_EQ(record.jid(), kAlice);
  EXPECT_EQ(record.phone_number(), "+13105551234");
  EXPECT_EQ(record.lid(), "100@lid");
  EXPECT_EQ(record.registration(), v1::REGISTRATION_REGISTERED);
  EXPECT_EQ(record.state(), v1::PICTURE_STATE_AVAILABLE);
  EXPECT_EQ(record.id(), "7");
  EXPECT_EQ(record.url(), "https://cdn/full/7");
  EXPECT_EQ(FromProto(record.url_expire_time()), At(1000));
  EXPECT_EQ(record.preview_url(), "https://cdn/small/7");
  EXPECT_EQ(FromProto(record.preview_url_expire_time()), At(2000));
  EXPECT_EQ(record.direct_path(), "/v/7");
  EXPECT_EQ(record.type(), "image");
  EXPECT_EQ(record.hash(), "\xFF hash");
  EXPECT_TRUE(record.is_business());
  EXPECT_EQ(record.name(), "Alice");
  EXPECT_EQ(record.session(), "main");
  EXPECT_EQ(FromProto(record.check_time()), At(1));
  EXPECT_EQ(FromProto(record.change_time()), At(1));
  EXPECT_EQ(FromProto(record.state_time()), At(1));
}

TEST(MergeTest, FactsThatWereNotLearnedStay) {
  ContactRecord record = RecordOf({WholePicture("7", 1)});
  ContactRecord expected = record;
  Merge(Available("7", 2), record);

  // A repeated observation changes only the times of confirmation.
  *expected.mutable_check_time() = ToProto(At(2));
  *expected.mutable_state_time() = ToProto(At(2));
  EXPECT_EQ(record.SerializeAsString(), expected.SerializeAsString());
}

TEST(MergeTest, AnotherPictureTakesNothingOverFromTheOldOne) {
  const ContactRecord record =
      RecordOf({WholePicture("7", 1), Available("8", 2)});
  EXPECT_EQ(record.id(), "8");
  EXPECT_EQ(record.previous_id(), "7");
  EXPECT_EQ(record.url(), "");
  EXPECT_FALSE(record.has_url_expire_time());
  EXPECT_EQ(record.preview_url(), "");
  EXPECT_FALSE(record.has_preview_url_expire_time());
  EXPECT_EQ(record.direct_path(), "");
  EXPECT_EQ(record.type(), "");
  EXPECT_EQ(record.hash(), "");
  EXPECT_EQ(record.name(), "Alice");
  EXPECT_EQ(FromProto(record.change_time()), At(2));
}

TEST(MergeTest, AHiddenOrRemovedPictureIsErased) {
  for (const Observation& end :
       {Told(v1::PICTURE_STATE_HIDDEN, 2), Told(v1::PICTURE_STATE_NOT_SET, 2),
        Registered(v1::REGISTRATION_NOT_REGISTERED, 2)}) {
    SCOPED_TRACE(end.state.has_value() ? v1::PictureState_Name(*end.state)
                                       : "not registered");
    const ContactRecord record = RecordOf({WholePicture("7", 1), end});
    EXPECT_EQ(record.previous_id(), "7");
    const std::string bytes = record.SerializeAsString();
    for (const char* gone : {"cdn", "/v/", "image", "hash"}) {
      EXPECT_EQ(bytes.find(gone), std::string::npos) << gone;
    }
    EXPECT_EQ(record.id(), "");
    EXPECT_EQ(record.state(), end.state.value_or(v1::PictureState{}));
    EXPECT_EQ(FromProto(record.change_time()), At(2));
    EXPECT_EQ(FromProto(record.check_time()), At(2));
  }
}

TEST(MergeTest, ThePreviousIdIsNeverTheCurrentOne) {
  ContactRecord record = RecordOf({Available("7", 1), Available("8", 2)});
  EXPECT_EQ(record.previous_id(), "7");
  Merge(Told(v1::PICTURE_STATE_HIDDEN, 3), record);
  EXPECT_EQ(record.previous_id(), "8");
  Merge(Available("8", 4), record);
  EXPECT_EQ(record.id(), "8");
  EXPECT_EQ(record.previous_id(), "");
}

TEST(MergeTest, AUrlThatDoesNotSayWhenItEndsHasNoExpiry) {
  Observation lasting = Available("7", 2);
  lasting.full_url = PictureUrl{"https://cdn/full/lasting"};
  const ContactRecord record = RecordOf({WholePicture("7", 1), lasting});
  EXPECT_EQ(record.url(), "https://cdn/full/lasting");
  EXPECT_FALSE(record.has_url_expire_time());
  EXPECT_EQ(record.preview_url(), "https://cdn/small/7");
}

TEST(MergeTest, AnOlderObservationChangesNothing) {
  ContactRecord record = RecordOf({WholePicture("7", 5)});
  const std::string before = record.SerializeAsString();
  for (const Observation& older :
       {Available("6", 4), Told(v1::PICTURE_STATE_HIDDEN, 4),
        Registered(v1::REGISTRATION_NOT_REGISTERED, 4)}) {
    const Merged merged = Merge(older, record);
    EXPECT_FALSE(merged.applied);
    EXPECT_FALSE(merged.change.has_value());
    EXPECT_EQ(record.SerializeAsString(), before);
  }
}

TEST(MergeTest, AnObservationOfTheSameMicrosecondIsNotOlder) {
  Observation first = Available("7", 1);
  first.observed_at += absl::Nanoseconds(1900);
  Observation second = Available("8", 1);
  second.observed_at += absl::Nanoseconds(1100);
  ContactRecord record = RecordOf({first});
  EXPECT_TRUE(Merge(second, record).applied);
  EXPECT_EQ(record.id(), "8");
}

TEST(MergeTest, OnlyAnAnswerForThePictureMovesTheCheckTime) {
  Observation name;
  name.jid = kAlice;
  name.name = "Bob";
  name.session = "other";
  name.observed_at = At(9);
  const ContactRecord named = RecordOf({WholePicture("7", 1), name});
  EXPECT_EQ(named.name(), "Bob");
  EXPECT_EQ(named.session(), "main");
  EXPECT_EQ(FromProto(named.check_time()), At(1));
  EXPECT_FALSE(RecordOf({name}).has_check_time());

  const Observation registered = Registered(v1::REGISTRATION_REGISTERED, 9);
  EXPECT_EQ(
      FromProto(RecordOf({WholePicture("7", 1), registered}).check_time()),
      At(1));
  EXPECT_EQ(FromProto(RecordOf({registered}).check_time()), At(9));
}

TEST(MergeTest, TheStateTimeMovesOnlyWhenTheStateIsReportedExplicitly) {
  Observation concluded = Told(v1::PICTURE_STATE_HIDDEN, 2);
  concluded.state_is_told = false;
  ContactRecord record =
      RecordOf({Told(v1::PICTURE_STATE_HIDDEN, 1), concluded});
  EXPECT_EQ(FromProto(record.check_time()), At(2));
  EXPECT_EQ(FromProto(record.state_time()), At(1));
  Merge(Told(v1::PICTURE_STATE_HIDDEN, 3), record);
  EXPECT_EQ(FromProto(record.state_time()), At(3));

  // A conclusion has no effect if it is about a state other than the stored
  // one.
  concluded.state = v1::PICTURE_STATE_NOT_SET;
  concluded.observed_at = At(4);
  Merge(concluded, record);
  EXPECT_FALSE(record.has_state_time());
}

TEST(MergeTest, AStateThatCannotBeStoredIsNotLearned) {
  for (const Observation& odd :
       {Available("", 2), Told(v1::PICTURE_STATE_UNCHANGED, 2),
        Told(v1::PICTURE_STATE_UNSPECIFIED, 2),
        Registered(v1::REGISTRATION_UNSPECIFIED, 2)}) {
    ContactRecord record = RecordOf({WholePicture("7", 1)});
    EXPECT_FALSE(Merge(odd, record).change.has_value());
    EXPECT_EQ(record.id(), "7");
    EXPECT_EQ(record.registration(), v1::REGISTRATION_REGISTERED);
    EXPECT_EQ(FromProto(record.check_time()), At(1));
  }
}

TEST(MergeTest, TextThatIsNotUtf8LeavesTheRecordReadable) {
  Observation garbled = WholePicture("7\xC0", 1);
  garbled.name = "Caf\xE9 \xF0\x9F\x98\x80 \xED\xA0\x80";
  garbled.session = "\xFF";
  const ContactRecord record = RecordOf({garbled});
  ContactRecord parsed;
  ASSERT_TRUE(parsed.ParseFromString(record.SerializeAsString()));
  EXPECT_EQ(parsed.name(),
            "Caf\xEF\xBF\xBD \xF0\x9F\x98\x80 "
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(MergeTest, GroupsHaveNeitherRegistrationNorNumber) {
  ContactRecord record;
  record.set_jid("120363041234567890@g.us");
  EXPECT_EQ(KindOf(Merge(Available("7", 1), record)),
            v1::CHANGE_KIND_FIRST_SEEN);
  EXPECT_EQ(record.phone_number(), "");
  EXPECT_EQ(record.registration(), v1::REGISTRATION_UNSPECIFIED);
  EXPECT_EQ(KindOf(Merge(Available("8", 2), record)), v1::CHANGE_KIND_REPLACED);
}

TEST(MergeTest, ARecordWithAFutureTimeIsReplacedWithItsChange) {
  const absl::Time now = At(100);
  // Two hours ahead of `now`.
  ContactRecord record = RecordOf({Available("7", 7'300)});
  const Merged merged = Merge(Available("8", 99), record, now);
  EXPECT_TRUE(merged.applied);
  EXPECT_EQ(KindOf(merged), v1::CHANGE_KIND_REPLACED);
  EXPECT_EQ(record.id(), "8");
  EXPECT_EQ(absl::FromUnixSeconds(record.check_time().seconds()), At(99));
  // After that observation, times are compared again.
  EXPECT_FALSE(Merge(Available("6", 98), record, now).applied);
}

}  // namespace
}  // namespace portrait
