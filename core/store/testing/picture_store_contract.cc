// The contract of PictureStore, as tests. Every implementation must pass them.
#include "core/store/picture_store.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/proto_time.h"
#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kHidden = v1::PICTURE_STATE_HIDDEN;
constexpr auto kNotSet = v1::PICTURE_STATE_NOT_SET;

TEST_P(PictureStoreTest, AnEmptyStoreKnowsNothing) {
  const std::vector<std::string> jids = {kAlice, kAliceLid, kAlice};
  const auto contacts = store().Get(jids);
  ASSERT_TRUE(contacts.ok());
  ASSERT_EQ(contacts->size(), 3u);
  for (const StoredContact& contact : *contacts) {
    EXPECT_FALSE(contact.record.has_value());
    EXPECT_FALSE(contact.suppressed);
  }
  EXPECT_EQ(store().last_sequence(), 0u);
  EXPECT_THAT(Changes(), IsEmpty());
  EXPECT_THAT(History(kAlice), IsEmpty());
  EXPECT_THAT(Apply({}), IsEmpty());
  EXPECT_TRUE(store().Get({})->empty());
}

TEST_P(PictureStoreTest, ReturnsAppliedObservations) {
  Observation observation = Available(kAlice, "7", 1);
  observation.full_url = PictureUrl{"https://cdn/7", At(100)};
  observation.hash = std::string("\0\xFF", 2);
  observation.name = "Alice";
  const std::vector<ApplyResult> results =
      Apply({observation, Told(kGroup, kNotSet, 1)});

  const std::vector<std::string> jids = {kBob, kGroup, kAlice};
  const auto contacts = store().Get(jids);
  ASSERT_TRUE(contacts.ok());
  EXPECT_FALSE(contacts->at(0).record.has_value());
  EXPECT_EQ(contacts->at(1).record->state(), kNotSet);
  const ContactRecord& alice = *contacts->at(2).record;
  EXPECT_EQ(alice.id(), "7");
  EXPECT_EQ(alice.phone_number(), "+13105551234");
  EXPECT_EQ(alice.SerializeAsString(), results[0].record.SerializeAsString());
}

TEST_P(PictureStoreTest, NumbersChangesFromOneInOrder) {
  const std::vector<ApplyResult> results =
      Apply({Available(kAlice, "7", 1), Told(kBob, kHidden, 1),
             Available(kGroup, "3", 1)});
  EXPECT_EQ(results[0].change->sequence, 1u);
  EXPECT_FALSE(results[1].change.has_value());
  EXPECT_EQ(results[2].change->sequence, 2u);
  Apply({Told(kAlice, kHidden, 2)});

  EXPECT_EQ(store().last_sequence(), 3u);
  EXPECT_THAT(Changes(),
              ElementsAre(absl::StrCat("1 ", kAlice, " FIRST_SEEN >7"),
                          absl::StrCat("2 ", kGroup, " FIRST_SEEN >3"),
                          absl::StrCat("3 ", kAlice, " HIDDEN 7>")));
  const Change change = ChangesAfter(2, 1).at(0);
  EXPECT_EQ(change.phone_number, "+13105551234");
  EXPECT_EQ(change.observed_at, At(2));
}

TEST_P(PictureStoreTest, ReadsChangesAfterASequenceUpToALimit) {
  for (int i = 1; i <= 5; ++i) Apply({Available(kAlice, absl::StrCat(i), i)});
  const auto sequences = [&](uint64_t after, size_t limit) {
    std::vector<uint64_t> found;
    for (const Change& change : ChangesAfter(after, limit)) {
      found.push_back(change.sequence);
    }
    return found;
  };
  EXPECT_THAT(sequences(0, 2), ElementsAre(1, 2));
  EXPECT_THAT(sequences(2, 100), ElementsAre(3, 4, 5));
  EXPECT_THAT(sequences(4, 0), IsEmpty());
  EXPECT_THAT(sequences(5, 100), IsEmpty());
  EXPECT_THAT(sequences(~uint64_t{0}, 100), IsEmpty());
}

TEST_P(PictureStoreTest, ReadsOneContactsHistoryNewestFirstPageByPage) {
  for (int i = 1; i <= 4; ++i) {
    Apply({Available(kAlice, absl::StrCat(i), i),
           Available(kBob, absl::StrCat(i), i)});
  }
  const auto sequences = [&](uint64_t before, size_t limit) {
    std::vector<uint64_t> found;
    for (const Change& change : HistoryBefore(kAlice, before, limit)) {
      EXPECT_EQ(change.jid, kAlice);
      found.push_back(change.sequence);
    }
    return found;
  };
  EXPECT_THAT(sequences(0, 100), ElementsAre(7, 5, 3, 1));
  EXPECT_THAT(sequences(0, 2), ElementsAre(7, 5));
  EXPECT_THAT(sequences(5, 2), ElementsAre(3, 1));
  EXPECT_THAT(sequences(4, 1), ElementsAre(3));
  EXPECT_THAT(sequences(1, 100), IsEmpty());
  EXPECT_THAT(sequences(0, 0), IsEmpty());
}

TEST_P(PictureStoreTest, AHistoryIsNotThatOfAJidWithTheSameBeginning) {
  Apply({Available("1310@s.whatsapp.net", "7", 1),
         Available("1310@s.whatsapp.network", "8", 1)});
  EXPECT_THAT(History("1310@s.whatsapp.net"),
              ElementsAre("1 1310@s.whatsapp.net FIRST_SEEN >7"));
  EXPECT_THAT(History("1310@s.whatsapp"), IsEmpty());
}

TEST_P(PictureStoreTest, ApplyingTheSameTwiceMakesOneChange) {
  const std::vector<Observation> batch = {Available(kAlice, "7", 1),
                                          Available(kAlice, "7", 1)};
  const std::vector<ApplyResult> once = Apply(batch);
  const std::vector<ApplyResult> again = Apply(batch);
  EXPECT_TRUE(once[0].change.has_value());
  EXPECT_FALSE(once[1].change.has_value());
  EXPECT_FALSE(again[0].change.has_value());
  EXPECT_EQ(again[0].record.SerializeAsString(),
            once[0].record.SerializeAsString());
  EXPECT_EQ(Changes().size(), 1u);
}

TEST_P(PictureStoreTest, ABatchSeesWhatItHasChangedItself) {
  const std::vector<ApplyResult> results =
      Apply({Available(kAlice, "7", 1), Available(kAlice, "8", 2),
             Available(kAlice, "6", 0), Told(kAlice, kNotSet, 3)});
  EXPECT_EQ(results[1].record.previous_id(), "7");
  EXPECT_EQ(results[2].record.id(), "8");
  EXPECT_THAT(History(kAlice),
              ElementsAre(absl::StrCat("3 ", kAlice, " REMOVED 8>"),
                          absl::StrCat("2 ", kAlice, " REPLACED 7>8"),
                          absl::StrCat("1 ", kAlice, " FIRST_SEEN >7")));
  EXPECT_EQ(GetOne(kAlice).record->state(), kNotSet);
}

TEST_P(PictureStoreTest, AnOlderObservationReturnsTheRecordAsItIs) {
  Apply({Available(kAlice, "7", 5)});
  const std::vector<ApplyResult> results = Apply({Told(kAlice, kHidden, 4)});
  EXPECT_FALSE(results[0].change.has_value());
  EXPECT_EQ(results[0].record.id(), "7");
  EXPECT_EQ(GetOne(kAlice).record->id(), "7");
}

TEST_P(PictureStoreTest, AJidThatCannotBeAKeyIsRefusedAndNothingIsStored) {
  for (const std::string& jid :
       {std::string(), std::string(300, '1'), std::string("1\0@lid", 6),
        std::string("1 2@lid"), std::string("\xFF@lid")}) {
    const std::vector<Observation> batch = {Available(kAlice, "7", 1),
                                            Available(jid, "7", 1)};
    EXPECT_EQ(store().Apply(batch).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(store().Forget(jid, false).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_FALSE(GetOne(kAlice).record.has_value());
  EXPECT_EQ(store().last_sequence(), 0u);
}

TEST_P(PictureStoreTest, ALidFindsTheRecordOfItsPhoneNumber) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kAlice);
  EXPECT_THAT(History(kAliceLid),
              ElementsAre(absl::StrCat("1 ", kAlice, " FIRST_SEEN >7")));

  // An observation of the LID updates the phone number's record.
  const std::vector<ApplyResult> results =
      Apply({Available(kAliceLid, "8", 2)});
  EXPECT_EQ(results[0].change->jid, kAlice);
  EXPECT_EQ(results[0].record.lid(), kAliceLid);
  EXPECT_EQ(GetOne(kAlice).record->id(), "8");
}

TEST_P(PictureStoreTest, ALidThatNamesItsPhoneNumberTeachesTheMapping) {
  Observation observation = Available(kAliceLid, "7", 1);
  observation.phone_number = "+13105551234";
  EXPECT_EQ(Apply({observation})[0].record.jid(), kAlice);
  EXPECT_EQ(GetOne(kAlice).record->lid(), kAliceLid);
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kAlice);
}

TEST_P(PictureStoreTest, ALidsRecordBecomesThatOfItsPhoneNumber) {
  Apply({Available(kAliceLid, "7", 1), Available(kBob, "1", 1)});
  Apply({Available(kAliceLid, "8", 2)});
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kAliceLid);

  // The picture is already known, so merging the two records is not a change.
  const std::vector<ApplyResult> results = Apply(
      {WithLid(Registered(kAlice, v1::REGISTRATION_REGISTERED, 3), kAliceLid)});
  EXPECT_FALSE(results[0].change.has_value());
  const ContactRecord alice = *GetOne(kAlice).record;
  EXPECT_EQ(alice.jid(), kAlice);
  EXPECT_EQ(alice.phone_number(), "+13105551234");
  EXPECT_EQ(alice.id(), "8");
  EXPECT_EQ(alice.previous_id(), "7");
  EXPECT_EQ(GetOne(kAliceLid).record->SerializeAsString(),
            alice.SerializeAsString());
  const std::vector<std::string> history = {
      absl::StrCat("3 ", kAlice, " REPLACED 7>8"),
      absl::StrCat("1 ", kAlice, " FIRST_SEEN >7")};
  EXPECT_EQ(History(kAlice), history);
  EXPECT_EQ(History(kAliceLid), history);
  EXPECT_EQ(*store().Forget(kAlice, false), 6u);  // erased completely
  EXPECT_FALSE(GetOne(kAliceLid).record.has_value());
}

TEST_P(PictureStoreTest, AMappingTaughtWithinABatchHoldsForTheRestOfIt) {
  const std::vector<ApplyResult> results =
      Apply({Available(kAliceLid, "7", 1),
             WithLid(Available(kAlice, "7", 2), kAliceLid),
             Available(kAliceLid, "8", 3)});
  EXPECT_TRUE(results[0].change.has_value());
  EXPECT_FALSE(results[1].change.has_value());
  EXPECT_EQ(results[2].record.jid(), kAlice);
  EXPECT_EQ(History(kAlice).size(), 2u);
  EXPECT_EQ(*store().Forget(kAliceLid, false), 6u);
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(PictureStoreTest, ThePhoneNumbersOwnRecordOutlivesThatOfTheLid) {
  Apply({Available(kAlice, "7", 1), Available(kAliceLid, "8", 2)});
  const std::vector<ApplyResult> results =
      Apply({WithLid(Available(kAlice, "8", 3), kAliceLid)});
  EXPECT_EQ(results[0].change->old_id, "7");
  EXPECT_EQ(results[0].change->new_id, "8");
}

TEST_P(PictureStoreTest, ALidThatMovesToAnotherNumberLeavesTheOldOne) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  Apply({WithLid(Available(kBob, "7", 2), kAliceLid)});
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kBob);
  EXPECT_EQ(GetOne(kAlice).record->lid(), "");
  EXPECT_EQ(*store().Forget(kAlice, false), 3u);
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kBob);
}

TEST_P(PictureStoreTest, ANumberWithAnotherLidIsNotFoundByTheOldOne) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  Apply({WithLid(Available(kAlice, "7", 2), "200@lid")});
  EXPECT_EQ(GetOne(kAlice).record->lid(), "200@lid");
  EXPECT_EQ(GetOne("200@lid").record->jid(), kAlice);
  EXPECT_FALSE(GetOne(kAliceLid).record.has_value());
}

TEST_P(PictureStoreTest, ForgettingLeavesNothingUnderEitherJid) {
  for (const char* named : {kAlice, kAliceLid}) {
    Apply({WithLid(Available(kAlice, "7", 1), kAliceLid),
           Available(kBob, "1", 1)});
    Apply({Told(kAlice, kHidden, 2)});
    const uint64_t newest = store().last_sequence();

    // A record, two changes each in the log and the history, and a mapping.
    EXPECT_EQ(*store().Forget(named, false), 6u);
    EXPECT_EQ(*store().Forget(named, false), 0u);
    for (const char* jid : {kAlice, kAliceLid}) {
      EXPECT_FALSE(GetOne(jid).record.has_value());
      EXPECT_FALSE(GetOne(jid).suppressed);
      EXPECT_THAT(History(jid), IsEmpty());
    }
    for (const std::string& line : Changes()) {
      EXPECT_THAT(line, testing::HasSubstr(kBob));
    }
    EXPECT_EQ(store().last_sequence(), newest);
  }
  EXPECT_TRUE(GetOne(kBob).record.has_value());
}

TEST_P(PictureStoreTest, SequencesOfForgottenChangesAreNotGivenAgain) {
  Apply({Available(kAlice, "7", 1), Available(kBob, "1", 1)});
  ASSERT_TRUE(store().Forget(kBob, false).ok());
  ASSERT_TRUE(store().Forget(kAlice, false).ok());
  EXPECT_EQ(Apply({Available(kBob, "2", 2)})[0].change->sequence, 3u);
  EXPECT_THAT(Changes(),
              ElementsAre(absl::StrCat("3 ", kBob, " FIRST_SEEN >2")));
}

TEST_P(PictureStoreTest, AContactThatObjectedIsRefusedUnderBothJids) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  ASSERT_TRUE(store().Forget(kAlice, true).ok());
  EXPECT_EQ(*store().Forget(kAlice, true), 0u);
  for (const char* jid : {kAlice, kAliceLid}) {
    const ApplyResult result = Apply({Available(jid, "8", 2)})[0];
    EXPECT_TRUE(result.suppressed);
    EXPECT_EQ(result.record.jid(), jid);
    EXPECT_EQ(result.record.id(), "");
    EXPECT_FALSE(result.change.has_value());
    EXPECT_TRUE(GetOne(jid).suppressed);
    EXPECT_FALSE(GetOne(jid).record.has_value());
  }
  EXPECT_FALSE(GetOne(kBob).suppressed);
  EXPECT_FALSE(Apply({Available(kBob, "1", 1)})[0].suppressed);
}

TEST_P(PictureStoreTest, AnObjectionReachesTheLidWhenItBecomesKnown) {
  ASSERT_TRUE(store().Forget(kAlice, true).ok());
  Apply({Available(kAliceLid, "7", 1)});
  EXPECT_TRUE(GetOne(kAliceLid).record.has_value());

  EXPECT_TRUE(
      Apply({WithLid(Available(kAlice, "7", 2), kAliceLid)})[0].suppressed);
  EXPECT_FALSE(GetOne(kAliceLid).record.has_value());
  EXPECT_TRUE(GetOne(kAliceLid).suppressed);
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(PictureStoreTest, NotifiesItsListenerOfChangesOnly) {
  int calls = 0;
  store().SetChangeListener([&] {
    ++calls;
    EXPECT_EQ(store().last_sequence(), 2u);  // no lock is held during the call
  });
  Apply({Available(kAlice, "7", 1), Available(kBob, "7", 1)});
  EXPECT_EQ(calls, 1);
  Apply({Available(kAlice, "7", 2), Told(kGroup, kNotSet, 2)});
  EXPECT_EQ(calls, 1);
}

TEST_P(PictureStoreTest, WatchersMissNothingThatSeveralWritersStore) {
  constexpr int kWriters = 4;
  constexpr int kBatches = 25;
  std::atomic<int> running = kWriters;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 1; i <= kBatches; ++i) {
        Apply({Available(absl::StrCat(writer, "@s.whatsapp.net"),
                         absl::StrCat(i), i),
               Available(kGroup, absl::StrCat(writer, "-", i), 1)});
      }
      --running;
    });
  }
  uint64_t seen = 0;
  while (running > 0 || seen < store().last_sequence()) {
    for (const Change& change : ChangesAfter(seen, 7)) {
      EXPECT_EQ(change.sequence, seen + 1);
      seen = change.sequence;
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen, uint64_t{2 * kWriters * kBatches});
}

}  // namespace
}  // namespace portrait
