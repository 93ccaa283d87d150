// Tests which tenants a contact is tied to, what forgetting leaves to the
// others, and objections.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/test_observations.h"
#include "core/store/testing/tie_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint32_t kAcme = 1;
constexpr uint32_t kBank = 2;

TEST_P(TieTest, ARecordNamesTheTenantsThatAsked) {
  Apply({Asked(Available(kAlice, "7", 1), kAcme)});
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kAcme));
  // Answered from the store, like the lookup of the other tenant.
  Tie({Answered(kAlice, kBank, 5), Answered(kBob, kBank, 5)});
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kAcme, kBank));
  EXPECT_FALSE(GetOne(kBob).record.has_value());
  const store::v1::ContactRecord record = *GetOne(kAlice).record;
  ASSERT_THAT(record.ties(), SizeIs(2));
  EXPECT_EQ(record.ties(0).ask_micros(), absl::ToUnixMicros(At(1)));
  EXPECT_EQ(record.ties(0).check_micros(), absl::ToUnixMicros(At(1)));
  EXPECT_EQ(record.ties(1).ask_micros(), absl::ToUnixMicros(At(5)));
  EXPECT_EQ(record.ties(1).check_micros(), 0);
  // Its next own answer leaves the time when it first asked.
  Apply({Asked(Available(kAlice, "8", 9), kBank)});
  EXPECT_EQ(GetOne(kAlice).record->ties(1).ask_micros(),
            absl::ToUnixMicros(At(5)));
  EXPECT_EQ(GetOne(kAlice).record->ties(1).check_micros(),
            absl::ToUnixMicros(At(9)));
}

TEST_P(TieTest, ALateAnswerAlsoTiesItsTenant) {
  Apply({Asked(Available(kAlice, "7", 5), kAcme)});
  Apply({Asked(Available(kAlice, "6", 1), kBank)});
  EXPECT_EQ(GetOne(kAlice).record->id(), "7");
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kAcme, kBank));
}

TEST_P(TieTest, TheLastTenantToForgetErasesTheContact) {
  Apply({Asked(WithLid(Available(kAlice, "7", 1), kAliceLid), kAcme)});
  Tie({Answered(kAlice, kBank, 2)});
  // A tenant can forget the contact under either of its JIDs.
  Untied first = Untie(kAliceLid, kAcme);
  EXPECT_TRUE(first.was_tied);
  EXPECT_EQ(first.erased, 0u);
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kBank));
  EXPECT_THAT(History(kAlice), SizeIs(1));
  EXPECT_FALSE(Untie(kAlice, kAcme).was_tied);
  const Untied last = Untie(kAlice, kBank);
  EXPECT_TRUE(last.was_tied);
  EXPECT_EQ(last.erased, 4u);  // the record, its change twice, the mapping
  EXPECT_FALSE(GetOne(kAlice).record.has_value());
  EXPECT_FALSE(GetOne(kAliceLid).record.has_value());
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(TieTest, ATenantForgetsNoContactThatItHasNotAskedAbout) {
  Apply({Asked(Available(kAlice, "7", 1), kAcme), Available(kBob, "1", 1)});
  for (const bool erase_untied : {false, true}) {
    const Untied untied = Untie(kAlice, kBank, erase_untied);
    EXPECT_FALSE(untied.was_tied);
    EXPECT_EQ(untied.erased, 0u);
  }
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kAcme));
  // A record that was stored before ties existed.
  EXPECT_EQ(Untie(kBob, kBank).erased, 0u);
  EXPECT_TRUE(GetOne(kBob).record.has_value());
  EXPECT_EQ(Untie(kBob, kBank, /*erase_untied=*/true).erased, 3u);
  EXPECT_FALSE(GetOne(kBob).record.has_value());
}

TEST_P(TieTest, ForgettingStopsTheAnswersOfItsTenantOnly) {
  const Observation of_acme = Asked(Available(kAlice, "7", 1), kAcme);
  const Observation of_bank = Asked(Available(kAlice, "7", 2), kBank);
  Observation of_both = Asked(Available(kAlice, "7", 3), kAcme);
  of_both.askers.push_back({kBank, store().forget_count()});
  const ContactTie from_store = Answered(kAlice, kAcme, 4);
  Untie(kAlice, kAcme);

  EXPECT_GT(Apply({of_acme})[0].forgotten.count, 0u);
  EXPECT_FALSE(GetOne(kAlice).record.has_value());
  EXPECT_THAT(Apply({of_bank})[0].forgotten_askers, IsEmpty());
  const ApplyResult shared = Apply({of_both})[0];
  EXPECT_EQ(shared.forgotten.count, 0u);
  ASSERT_THAT(shared.forgotten_askers, SizeIs(1));
  EXPECT_EQ(shared.forgotten_askers[0].tenant, kAcme);
  Tie({from_store});
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kBank));
  // Later lookups of the tenant tie it again.
  Apply({Asked(Available(kAlice, "7", 5), kAcme)});
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kAcme, kBank));
}

TEST_P(TieTest, TiesFollowARecordFromItsLidToItsPhoneNumber) {
  Apply({Asked(Available(kAliceLid, "7", 1), kAcme)});
  Apply({Asked(WithLid(Available(kAlice, "7", 2), kAliceLid), kBank)});
  EXPECT_THAT(TenantsOf(kAlice), ElementsAre(kAcme, kBank));
}

TEST_P(TieTest, TwoRecordsThatBecomeOneHaveTheTiesOfBoth) {
  Apply({Asked(Available(kAliceLid, "7", 1), kAcme),
         Asked(Available(kAlice, "7", 1), kBank)});
  Apply({WithLid(Available(kAlice, "7", 2), kAliceLid)});
  EXPECT_THAT(TenantsOf(kAliceLid), ElementsAre(kAcme, kBank));
}

TEST_P(TieTest, ObjectionsAreListedPageByPage) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  ASSERT_TRUE(store().Forget(kAlice, true).ok());
  ASSERT_TRUE(store().Forget(kBob, true).ok());
  std::vector<std::string> ids;
  for (std::string after;;) {
    const auto page = store().ListObjections(after, 1);
    ASSERT_TRUE(page.ok()) << page.status();
    if (page->empty()) break;
    EXPECT_TRUE(page->at(0).made_at.has_value());
    ids.push_back(after = page->at(0).id);
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_THAT(ids,
              testing::UnorderedElementsAre(store().ObjectionIdOf(kAlice),
                                            store().ObjectionIdOf(kAliceLid),
                                            store().ObjectionIdOf(kBob)));
}

TEST_P(TieTest, RemovingAnObjectionAdmitsTheContactUnderBothJids) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  ASSERT_TRUE(store().Forget(kAlice, true).ok());
  ASSERT_TRUE(store().Forget(kBob, true).ok());
  EXPECT_EQ(*store().RemoveObjection(store().ObjectionIdOf(kAliceLid)), 2u);
  EXPECT_EQ(*store().RemoveObjection(store().ObjectionIdOf(kAliceLid)), 0u);
  const ApplyResult result =
      Apply({WithLid(Available(kAlice, "8", 2), kAliceLid)})[0];
  EXPECT_FALSE(result.suppressed);
  EXPECT_EQ(result.record.id(), "8");
  EXPECT_TRUE(GetOne(kBob).suppressed);
}

TEST_P(TieTest, RemovingAnObjectionAlsoAdmitsALidThatWasLearntLater) {
  ASSERT_TRUE(store().Forget(kAlice, true).ok());
  Apply({WithLid(Available(kAlice, "7", 2), kAliceLid)});
  EXPECT_TRUE(GetOne(kAliceLid).suppressed);
  EXPECT_EQ(*store().RemoveObjection(store().ObjectionIdOf(kAlice)), 2u);
  EXPECT_FALSE(GetOne(kAliceLid).suppressed);
  EXPECT_FALSE(GetOne(kAlice).suppressed);
}

}  // namespace
}  // namespace portrait
