#include "core/cluster/partition_owner.h"

#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using State = PartitionOwner::State;

TEST(PartitionOwnerTest, OwnsAPartitionWhenItsClaimIsReadBack) {
  PartitionOwner owner;
  EXPECT_FALSE(owner.MayWrite(100));
  EXPECT_EQ(owner.Claim(/*newest=*/4), 5u);
  EXPECT_FALSE(owner.MayWrite(100));
  EXPECT_FALSE(owner.OnClaimRead(/*counts=*/true, /*is_own=*/true, 5, 9));
  EXPECT_EQ(owner.state(), State::kOwned);
  EXPECT_TRUE(owner.MayWrite(9));
}

TEST(PartitionOwnerTest, WhatWasReadBeforeItOwnedThePartitionIsNotWritten) {
  PartitionOwner owner;
  owner.Claim(0);
  owner.OnClaimRead(true, true, 1, /*generation=*/9);
  EXPECT_FALSE(owner.MayWrite(8));
  // It lost the partition in between, and took it back.
  owner.OnClaimRead(true, false, 2, 10);
  EXPECT_FALSE(owner.MayWrite(10));
  owner.Claim(2);
  owner.OnClaimRead(true, true, 3, 11);
  EXPECT_FALSE(owner.MayWrite(10));
  EXPECT_TRUE(owner.MayWrite(11));
}

TEST(PartitionOwnerTest, AClaimThatLostIsRepeatedWithAHigherEpoch) {
  PartitionOwner owner;
  EXPECT_EQ(owner.Claim(0), 1u);
  EXPECT_TRUE(owner.OnClaimRead(/*counts=*/false, true, 1, 2));
  EXPECT_EQ(owner.Claim(1), 2u);
  EXPECT_FALSE(owner.OnClaimRead(true, true, 2, 3));
  EXPECT_TRUE(owner.MayWrite(3));
}

TEST(PartitionOwnerTest, AnEarlierClaimOfItsOwnDoesNotMakeItTheOwner) {
  PartitionOwner owner;
  owner.Claim(0);
  EXPECT_EQ(owner.Claim(0), 2u);  // after a write failed
  EXPECT_FALSE(owner.OnClaimRead(true, true, 1, 2));
  EXPECT_EQ(owner.state(), State::kClaiming);
  owner.OnClaimRead(true, true, 2, 3);
  EXPECT_EQ(owner.state(), State::kOwned);
}

TEST(PartitionOwnerTest, AClaimThatWasNotWrittenIsClaimedAgain) {
  PartitionOwner owner;
  EXPECT_EQ(owner.Claim(0), 1u);
  owner.OnClaimFailed();
  EXPECT_EQ(owner.state(), State::kNone);
  EXPECT_TRUE(owner.is_assigned());
  EXPECT_EQ(owner.Claim(0), 2u);
  owner.OnClaimRead(true, true, 2, 3);
  EXPECT_TRUE(owner.MayWrite(3));
}

TEST(PartitionOwnerTest, AReleasedPartitionIsNotOwnedByALateClaim) {
  PartitionOwner owner;
  owner.Claim(0);
  owner.Release();
  EXPECT_FALSE(owner.OnClaimRead(true, true, 1, 2));
  EXPECT_EQ(owner.state(), State::kNone);
  EXPECT_FALSE(owner.OnClaimRead(false, true, 1, 2));
}

TEST(PartitionOwnerTest, AnothersClaimThatDoesNotCountChangesNothing) {
  PartitionOwner owner;
  owner.Claim(4);
  owner.OnClaimRead(true, true, 5, 2);
  owner.OnClaimRead(/*counts=*/false, /*is_own=*/false, 3, 3);
  EXPECT_TRUE(owner.MayWrite(3));
}

}  // namespace
}  // namespace portrait::cluster
