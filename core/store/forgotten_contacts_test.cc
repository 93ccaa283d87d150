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

TEST(ForgottenContactsTest, TellsBeforeFromAfter) {
  ForgottenContacts contacts;
  EXPECT_EQ(contacts.ForgottenAt(kAlice), 0u);
  contacts.Add({kAlice, kAliceLid});
  EXPECT_EQ(contacts.count(), 1u);
  EXPECT_EQ(contacts.ForgottenAt(kAlice), 1u);
  EXPECT_EQ(contacts.ForgottenAt(kAliceLid), 1u);
  EXPECT_EQ(contacts.ForgottenAt(kBob), 0u);
  contacts.Add({kBob});
  contacts.Add({kAlice});
  EXPECT_EQ(contacts.ForgottenAt(kAlice), 3u);
  EXPECT_EQ(contacts.ForgottenAt(kAliceLid), 1u);
}

TEST(ForgottenContactsTest, WhomItHasNoRoomForCountsAsForgottenThen) {
  ForgottenContacts contacts;
  contacts.Add({kAlice});
  contacts.Add({kBob});
  contacts.Add({kBob});
  for (size_t i = 0; i < ForgottenContacts::kMaxContacts - 1; ++i) {
    contacts.Add({absl::StrCat(i)});
  }
  // The first two entries were dropped. Of the second contact a newer entry is
  // left.
  EXPECT_EQ(contacts.ForgottenAt(kAlice), 2u);
  EXPECT_EQ(contacts.ForgottenAt(kBob), 3u);
  EXPECT_EQ(contacts.ForgottenAt("never heard of"), 2u);
}

TEST(ForgottenContactsTest, EveryStoreHeedsThem) {
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
    EXPECT_EQ(late.forgotten_at, 1u);
    EXPECT_FALSE(late.change.has_value());
    EXPECT_FALSE(late.record.has_check_time());
    EXPECT_EQ(store.last_sequence(), 0u);

    asked.forget_count = store.forget_count();
    EXPECT_EQ(apply(asked).forgotten_at, 0u);
    EXPECT_EQ(store.last_sequence(), 1u);
    // A notification, which no request caused, is never outdated.
    EXPECT_EQ(apply(Available(kBob, "1", 1)).forgotten_at, 0u);
  }
}

}  // namespace
}  // namespace portrait
