#include "core/store/forgotten_contacts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

TEST(ForgottenContactsTest, DistinguishesEarlierFromLaterRequests) {
  ForgottenContacts contacts;
  EXPECT_EQ(contacts.ForgottenAt(kAlice).count, 0u);
  contacts.Add({kAlice, kAliceLid});
  EXPECT_EQ(contacts.count(), 1u);
  EXPECT_EQ(contacts.ForgottenAt(kAlice).count, 1u);
  EXPECT_EQ(contacts.ForgottenAt(kAliceLid).count, 1u);
  EXPECT_EQ(contacts.ForgottenAt(kBob).count, 0u);
  contacts.Add({kBob});
  contacts.Add({kAlice});
  EXPECT_EQ(contacts.ForgottenAt(kAlice).count, 3u);
  EXPECT_EQ(contacts.ForgottenAt(kAliceLid).count, 1u);
}

TEST(ForgottenContactsTest, AnEvictedContactCountsAsForgotten) {
  ForgottenContacts contacts;
  contacts.Add({kAlice});
  contacts.Add({kBob});
  contacts.Add({kBob});
  for (size_t i = 0; i < ForgottenContacts::kMaxContacts - 1; ++i) {
    contacts.Add({absl::StrCat(i)});
  }
  // The two oldest entries were evicted. One of these contacts has a newer
  // entry.
  EXPECT_EQ(contacts.ForgottenAt(kAlice).count, 1u);
  EXPECT_EQ(contacts.ForgottenAt(kBob).count, 3u);
  EXPECT_EQ(contacts.ForgottenAt("never heard of").count, 1u);
  EXPECT_TRUE(contacts.ForgottenAt("never heard of").is_doubtful);
  EXPECT_FALSE(contacts.ForgottenAt(kBob).is_doubtful);
}

TEST(ForgottenContactsTest, ATenantForgetsForItselfOnly) {
  ForgottenContacts contacts;
  contacts.Add({kAlice}, /*tenant=*/1);
  EXPECT_EQ(contacts.ForgottenAt(kAlice, 1).count, 1u);
  EXPECT_EQ(contacts.ForgottenAt(kAlice, 2).count, 0u);
  EXPECT_EQ(contacts.ForgottenAt(kAlice).count, 0u);
}

TEST(ForgottenContactsTest,
     ATenantThatForgetsStrangersEvictsItsOwnEntriesOnly) {
  ForgottenContacts contacts;
  contacts.Add({kAlice}, /*tenant=*/1);
  contacts.Add({kBob});
  for (size_t i = 0; i < 130'000; ++i) {
    contacts.Add({absl::StrCat("stranger ", i)}, /*tenant=*/2);
  }
  EXPECT_EQ(contacts.ForgottenAt(kAlice, 1).count, 1u);
  EXPECT_EQ(contacts.ForgottenAt("customer", 1).count, 0u);
  EXPECT_EQ(contacts.ForgottenAt(kBob).count, 2u);
  EXPECT_EQ(contacts.ForgottenAt("customer").count, 0u);
  // Its own lookups are in doubt.
  EXPECT_TRUE(contacts.ForgottenAt("customer", 2).is_doubtful);
}

TEST(ForgottenContactsTest, EveryStoreAppliesForgottenContacts) {
  const TemporaryFolder folder;
  Stores stores[] = {
      NewMemoryStores(),
      *OpenRocksDbStores(folder.path() + "/store", RocksDbOptions())};
  for (const Stores& each : stores) {
    PictureStore& store = *each.pictures;
    const auto apply = [&](Observation observation) {
      const std::vector<Observation> batch = {std::move(observation)};
      return store.Apply(batch)->at(0);
    };
    Observation asked = WithLid(Available(kAlice, "1", 1), kAliceLid);
    asked.forget_count = store.forget_count();
    // This also holds for a contact that is not stored.
    ASSERT_TRUE(store.Forget(kAliceLid, false).ok());
    const ApplyResult late = apply(asked);
    EXPECT_EQ(late.forgotten.count, 1u);
    EXPECT_FALSE(late.change.has_value());
    EXPECT_FALSE(late.record.has_check_time());
    EXPECT_EQ(store.last_sequence(), 0u);

    asked.forget_count = store.forget_count();
    EXPECT_EQ(apply(asked).forgotten.count, 0u);
    EXPECT_EQ(store.last_sequence(), 1u);
    // A notification, which no request caused, is never outdated.
    EXPECT_EQ(apply(Available(kBob, "1", 1)).forgotten.count, 0u);
  }
}

}  // namespace
}  // namespace portrait
