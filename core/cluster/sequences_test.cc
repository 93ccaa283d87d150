#include "core/cluster/sequences.h"

#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

TEST(SequencesTest, NoChangeIsShownBeforeASmallerOneIsSettled) {
  Sequences sequences;
  sequences.Begin(10);
  EXPECT_EQ(sequences.Settled(10), 10u);
  EXPECT_EQ(sequences.Assign(/*place=*/1), 11u);
  EXPECT_EQ(sequences.Assign(/*place=*/2), 12u);
  EXPECT_EQ(sequences.last(), 12u);
  // The second one is applied first.
  sequences.Close(12);
  EXPECT_EQ(sequences.Settled(/*applied=*/12), 10u);
  sequences.Close(11);
  EXPECT_EQ(sequences.Settled(12), 12u);
}

TEST(SequencesTest, AClaimSettlesWhatWasWrittenBeforeIt) {
  Sequences sequences;
  sequences.Begin(0);
  sequences.Assign(1);
  sequences.Assign(2);
  EXPECT_TRUE(sequences.CloseAllOf(1));
  EXPECT_FALSE(sequences.CloseAllOf(1));
  EXPECT_EQ(sequences.Settled(5), 1u);
  EXPECT_TRUE(sequences.CloseAllOf(2));
  EXPECT_EQ(sequences.Settled(5), 5u);
}

TEST(SequencesTest, ATermGoesOnAfterEverythingThatIsKnown) {
  Sequences sequences;
  sequences.Begin(0);
  sequences.Assign(1);
  // Another node was active meanwhile.
  sequences.Begin(20);
  EXPECT_EQ(sequences.Settled(20), 20u);
  EXPECT_EQ(sequences.Assign(1), 21u);
  // What this node assigned and did not write is not assigned again.
  sequences.Begin(3);
  EXPECT_EQ(sequences.Assign(1), 22u);
}

}  // namespace
}  // namespace portrait::cluster
