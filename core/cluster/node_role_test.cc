#include "core/cluster/node_role.h"

#include <thread>

#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait::cluster {
namespace {

TEST(NodeRoleTest, EachTermHasANumberOfItsOwn) {
  NodeRole role;
  EXPECT_FALSE(role.IsActive());
  EXPECT_EQ(role.AwaitTerm(absl::ZeroDuration()), 0u);
  role.Begin();
  role.Begin();
  EXPECT_EQ(role.term(), 1u);
  EXPECT_FALSE(role.AwaitEndOf(1, absl::ZeroDuration()));
  role.End();
  role.Begin();
  EXPECT_EQ(role.AwaitTerm(absl::ZeroDuration()), 2u);
  // A caller that waits for the end of the first one does not miss it.
  EXPECT_TRUE(role.AwaitEndOf(1, absl::ZeroDuration()));
}

TEST(NodeRoleTest, AWaitEndsWithTheTerm) {
  NodeRole role;
  std::thread ending([&] {
    EXPECT_EQ(role.AwaitTerm(kTestDeadline), 1u);
    role.End();
  });
  role.Begin();
  EXPECT_TRUE(role.AwaitEndOf(1, kTestDeadline));
  ending.join();
}

TEST(NodeRoleTest, ABoundTermAloneTakesWrites) {
  NodeRole role;
  EXPECT_TRUE(role.CheckBound().ok());
  role.Begin();
  role.Bind(role.term());
  EXPECT_TRUE(role.CheckBound().ok());
  role.End();
  EXPECT_EQ(role.CheckBound().code(), absl::StatusCode::kUnavailable);
  role.Begin();
  EXPECT_FALSE(role.CheckBound().ok());
  role.Bind(role.term());
  EXPECT_TRUE(role.CheckBound().ok());
}

TEST(NodeRoleTest, TheListenerHearsOfEachChangeOnce) {
  NodeRole role;
  int calls = 0;
  role.SetListener([&] {
    ++calls;
    EXPECT_EQ(role.IsActive(), calls % 2 == 1);
  });
  role.CallListener();
  EXPECT_EQ(calls, 0);
  role.Begin();
  role.CallListener();
  role.CallListener();
  EXPECT_EQ(calls, 1);
  role.End();
  role.CallListener();
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace portrait::cluster
