#include "core/session/idle_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portrait {
namespace {

constexpr Appetite kAnything = Appetite::kAnything;
constexpr Appetite kUrgentOnly = Appetite::kUrgentOnly;

TEST(IdleSessionsTest, TheLongestIdleSessionIsNextAndIsChosenOnce) {
  IdleSessions idle;
  EXPECT_FALSE(idle.Add("a", kAnything));
  EXPECT_FALSE(idle.Add("b", kAnything));
  EXPECT_FALSE(idle.Add("a", kAnything));  // added again, so it is the last now
  EXPECT_EQ(idle.Next({}), "b");
  EXPECT_EQ(idle.Next({}), "a");
  EXPECT_EQ(idle.Next({}), "");
}

TEST(IdleSessionsTest, ASessionForUrgentWorkOnlyIsNotWokenForBulk) {
  IdleSessions idle;
  idle.Add("busy", kUrgentOnly);
  EXPECT_EQ(idle.Next({}), "");
  EXPECT_EQ(idle.Next({.urgent = true}), "busy");
}

TEST(IdleSessionsTest, UrgentWorkGoesToASessionThatHasNothingElseToDo) {
  IdleSessions idle;
  idle.Add("busy", kUrgentOnly);
  idle.Add("free", kAnything);
  EXPECT_EQ(idle.Next({.urgent = true}), "free");
}

TEST(IdleSessionsTest, WorkThatFoundNoIdleSessionIsNotForgotten) {
  IdleSessions idle;
  EXPECT_EQ(idle.Next({}), "");
  EXPECT_FALSE(idle.Add("busy", kUrgentOnly));
  EXPECT_TRUE(idle.Add("free", kAnything));
  EXPECT_FALSE(idle.Add("free", kAnything));

  IdleSessions other;
  EXPECT_EQ(other.Next({.urgent = true}), "");
  EXPECT_TRUE(other.Add("busy", kUrgentOnly));
  EXPECT_FALSE(other.Add("busy", kUrgentOnly));
}

TEST(IdleSessionsTest, TheSessionThatGaveTheWorkBackIsNotChosenForIt) {
  IdleSessions idle;
  idle.Add("a", kAnything);
  EXPECT_EQ(idle.Next({.not_for = "a"}), "");
  idle.Remove("a");
  IdleSessions two;
  two.Add("a", kAnything);
  two.Add("b", kAnything);
  EXPECT_EQ(two.Next({.not_for = "a"}), "b");
  EXPECT_EQ(two.Next({}), "a");
}

TEST(IdleSessionsTest, ARemovedSessionIsNotChosen) {
  IdleSessions idle;
  idle.Add("a", kAnything);
  idle.Add("b", kUrgentOnly);
  idle.Remove("a");
  idle.Remove("b");
  idle.Remove("unknown");
  EXPECT_EQ(idle.Next({.urgent = true}), "");
}

}  // namespace
}  // namespace portrait
