// Tests notifications that WhatsApp sends without a query: they update stored
// contacts and make no new record.
#include <string>
#include <vector>

#include "core/base/proto_time.h"
#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(UnaskedTest, NotificationsAboutUnknownContactsAreNotStored) {
  const std::vector<ApplyResult> results =
      Apply({Unasked(Available(kAlice, "7", 1)), Outdated(kBob, 1),
             Names(kBob, kAliceLid, 1), Unasked(Available(kGroup, "7", 1))});
  for (const ApplyResult& result : results) {
    EXPECT_FALSE(result.change.has_value());
    EXPECT_FALSE(result.record.has_check_time());
  }
  for (const char* jid : {kAlice, kBob, kAliceLid, kGroup}) {
    EXPECT_FALSE(GetOne(jid).record.has_value()) << jid;
  }
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(UnaskedTest, ANotificationOfAStoredContactMakesAChange) {
  Apply({WithLid(Available(kAlice, "7", 1), kAliceLid)});
  EXPECT_TRUE(Apply({Unasked(Available(kAlice, "8", 2))})[0].change);
  // A notification about the LID updates the same contact.
  EXPECT_TRUE(Apply({Unasked(Told(kAliceLid, v1::PICTURE_STATE_NOT_SET, 3))})[0]
                  .change.has_value());
  EXPECT_THAT(History(kAlice), SizeIs(3));
}

TEST_P(UnaskedTest, AContactStoredByTheSameBatchIsKnown) {
  const std::vector<ApplyResult> results =
      Apply({Available(kAlice, "7", 1), Unasked(Available(kAlice, "8", 2))});
  EXPECT_TRUE(results[1].change.has_value());
}

TEST_P(UnaskedTest, AnOutdatedRecordStaysUntilTheNextAnswer) {
  Apply({Available(kAlice, "7", 1)});
  Apply({Outdated(kAlice, 2)});
  EXPECT_TRUE(GetOne(kAlice).record->outdated());
  EXPECT_EQ(GetOne(kAlice).record->id(), "7");
  EXPECT_EQ(FromProto(GetOne(kAlice).record->check_time()), At(1));
  // A name does not answer the picture question.
  Observation named;
  named.jid = kAlice;
  named.name = "Alice";
  named.observed_at = At(3);
  Apply({named});
  EXPECT_TRUE(GetOne(kAlice).record->outdated());
  Apply({Available(kAlice, "7", 4)});
  EXPECT_FALSE(GetOne(kAlice).record->outdated());
  // The notification is older than that answer: WhatsApp had queued it.
  Apply({Outdated(kAlice, 3)});
  EXPECT_FALSE(GetOne(kAlice).record->outdated());
}

TEST_P(UnaskedTest, AMappingIsStoredIfEitherJidIsKnown) {
  Apply({Available(kAliceLid, "7", 1), Available(kBob, "7", 1)});
  Apply({Names(kAlice, kAliceLid, 2), Names(kBob, "200@lid", 2)});
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kAlice);
  EXPECT_EQ(GetOne("200@lid").record->jid(), kBob);
}

TEST_P(UnaskedTest, AFormerNumberIsNoLongerFoundByItsLid) {
  Apply(
      {WithLid(Available(kAlice, "7", 1), kAliceLid), Available(kBob, "1", 1)});
  Observation left = Outdated(kAlice, 2);
  left.lost_lid = true;
  Observation taken = Outdated(kBob, 2);
  taken.lid = kAliceLid;
  Apply({left, taken});
  EXPECT_EQ(GetOne(kAliceLid).record->jid(), kBob);
  EXPECT_EQ(GetOne(kAlice).record->lid(), "");
  EXPECT_TRUE(GetOne(kAlice).record->outdated());
  EXPECT_TRUE(GetOne(kBob).record->outdated());

  // If the new number is of no stored contact, nothing is stored about it.
  left = Outdated(kBob, 3);
  left.lost_lid = true;
  taken = Outdated("4915199999999@s.whatsapp.net", 3);
  taken.lid = kAliceLid;
  Apply({left, taken});
  EXPECT_FALSE(GetOne(kAliceLid).record.has_value());
  EXPECT_FALSE(GetOne(taken.jid).record.has_value());
  // Both the mapping and the record's LID are gone.
  EXPECT_EQ(*store().Forget(kBob, false), 3u);
}

}  // namespace
}  // namespace portrait
