#include "core/whatsapp/keepalive.h"

#include <gtest/gtest.h>

namespace portrait::whatsapp {
namespace {

using Action = Keepalive::Action;

constexpr absl::Time kStart = absl::UnixEpoch();
constexpr absl::Duration kSecond = absl::Seconds(1);

Keepalive MakeKeepalive() {
  return Keepalive(
      {.interval = absl::Seconds(15), .dead_after = absl::Seconds(20)}, kStart);
}

TEST(KeepaliveTest, PingsOnceBetweenOneAndTwoIntervalsOfSilence) {
  for (int i = 0; i < 100; ++i) {
    Keepalive keepalive = MakeKeepalive();
    EXPECT_EQ(keepalive.Decide(kStart + 14 * kSecond, false), Action::kNone);
    EXPECT_EQ(keepalive.Decide(kStart + 30 * kSecond, false), Action::kPing);
    EXPECT_EQ(keepalive.Decide(kStart + 31 * kSecond, false), Action::kNone);
  }
}

TEST(KeepaliveTest, WhateverComesPutsThePingOff) {
  Keepalive keepalive = MakeKeepalive();
  for (int second = 0; second < 300; second += 10) {
    keepalive.OnReceived(kStart + second * kSecond);
    EXPECT_EQ(keepalive.Decide(kStart + (second + 9) * kSecond, false),
              Action::kNone);
  }
}

TEST(KeepaliveTest, PingsAgainAfterTheLastPingWasAnswered) {
  Keepalive keepalive = MakeKeepalive();
  EXPECT_EQ(keepalive.Decide(kStart + 30 * kSecond, false), Action::kPing);
  keepalive.OnReceived(kStart + 31 * kSecond);
  EXPECT_EQ(keepalive.Decide(kStart + 45 * kSecond, false), Action::kNone);
  EXPECT_EQ(keepalive.Decide(kStart + 61 * kSecond, false), Action::kPing);
}

TEST(KeepaliveTest, ALineIsDeadAfterSilenceThatFollowsARequest) {
  Keepalive keepalive = MakeKeepalive();
  keepalive.OnRequest(kStart + 100 * kSecond, /*others_pending=*/false);
  EXPECT_NE(keepalive.Decide(kStart + 119 * kSecond, true), Action::kDead);
  EXPECT_EQ(keepalive.Decide(kStart + 120 * kSecond, true), Action::kDead);
}

TEST(KeepaliveTest, LaterRequestsDoNotHideTheSilence) {
  Keepalive keepalive = MakeKeepalive();
  keepalive.OnRequest(kStart, /*others_pending=*/false);
  for (int second = 1; second < 20; ++second) {
    keepalive.OnRequest(kStart + second * kSecond, /*others_pending=*/true);
  }
  EXPECT_EQ(keepalive.Decide(kStart + 20 * kSecond, true), Action::kDead);
}

TEST(KeepaliveTest, AnythingReceivedShowsLife) {
  Keepalive keepalive = MakeKeepalive();
  keepalive.OnRequest(kStart, /*others_pending=*/false);
  keepalive.OnReceived(kStart + 9 * kSecond);
  EXPECT_EQ(keepalive.Decide(kStart + 18 * kSecond, true), Action::kNone);
  EXPECT_EQ(keepalive.Decide(kStart + 29 * kSecond, true), Action::kDead);
}

TEST(KeepaliveTest, AsksBeforeItGivesUpALineOnWhichOneQuestionHangs) {
  Keepalive keepalive = MakeKeepalive();
  keepalive.OnRequest(kStart, /*others_pending=*/false);
  EXPECT_EQ(keepalive.Decide(kStart + 9 * kSecond, true), Action::kNone);
  EXPECT_EQ(keepalive.Decide(kStart + 10 * kSecond, true), Action::kPing);
  EXPECT_EQ(keepalive.Decide(kStart + 11 * kSecond, true), Action::kNone);
  // The answer to the ping proves that only the question is without one.
  keepalive.OnReceived(kStart + 12 * kSecond);
  EXPECT_EQ(keepalive.Decide(kStart + 20 * kSecond, true), Action::kNone);
}

}  // namespace
}  // namespace portrait::whatsapp
