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

TEST(KeepaliveTest, ALineIsDeadAfterSilenceThatFollowsASend) {
  for (const bool is_request : {false, true}) {
    Keepalive keepalive = MakeKeepalive();
    keepalive.OnReceived(kStart + 99 * kSecond);
    keepalive.OnSent(kStart + 100 * kSecond);
    EXPECT_NE(keepalive.Decide(kStart + 119 * kSecond, is_request),
              Action::kDead);
    EXPECT_EQ(keepalive.Decide(kStart + 120 * kSecond, is_request),
              Action::kDead);
  }
}

TEST(KeepaliveTest, LaterSendsDoNotHideTheSilence) {
  Keepalive keepalive = MakeKeepalive();
  for (int second = 0; second < 20; ++second) {
    keepalive.OnSent(kStart + second * kSecond);
  }
  EXPECT_EQ(keepalive.Decide(kStart + 20 * kSecond, true), Action::kDead);
}

TEST(KeepaliveTest, AnythingReceivedShowsLife) {
  Keepalive keepalive = MakeKeepalive();
  keepalive.OnSent(kStart);
  keepalive.OnReceived(kStart + 9 * kSecond);
  EXPECT_EQ(keepalive.Decide(kStart + 18 * kSecond, true), Action::kNone);
  EXPECT_EQ(keepalive.Decide(kStart + 29 * kSecond, true), Action::kDead);
}

TEST(KeepaliveTest, AsksBeforeItGivesUpALineOnWhichOneSendHangs) {
  // Neither an ack nor some requests are ever answered.
  for (const bool is_request : {true, false}) {
    Keepalive keepalive = MakeKeepalive();
    keepalive.OnSent(kStart);
    EXPECT_EQ(keepalive.Decide(kStart + 9 * kSecond, is_request),
              Action::kNone);
    EXPECT_EQ(keepalive.Decide(kStart + 10 * kSecond, is_request),
              Action::kPing);
    keepalive.OnSent(kStart + 10 * kSecond);
    EXPECT_EQ(keepalive.Decide(kStart + 11 * kSecond, is_request),
              Action::kNone);
    // The answer to the ping proves that the connection works.
    keepalive.OnReceived(kStart + 12 * kSecond);
    EXPECT_EQ(keepalive.Decide(kStart + 20 * kSecond, is_request),
              Action::kNone);
  }
}

}  // namespace
}  // namespace portrait::whatsapp
