#include "core/whatsapp/iq_waiters.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "absl/strings/str_cat.h"
#include "tests/support/coroutine.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;
using Answered = absl::StatusOr<Node>;

// A request whose entry is in the table for the lifetime of its coroutine.
asio::awaitable<Answered> Ask(IqWaiters* table, asio::any_io_executor strand,
                              std::string id, absl::Duration timeout) {
  IqWaiters::Waiter waiter(*table, std::move(id), strand);
  Answered answer = co_await waiter.Wait(timeout);
  co_return answer;
}

Node AnswerTo(const std::string& id) {
  return MakeNode("iq", {{"id", id}, {"type", std::string("result")}});
}

class IqWaitersTest : public ::testing::Test {
 protected:
  Started<Answered> StartAsking(const std::string& id, absl::Duration timeout) {
    auto asked =
        StartCoroutine(io_, Ask(&table_, io_.get_executor(), id, timeout));
    const size_t before = table_.size();
    RunUntil(io_, [&] { return table_.size() > before; });
    return asked;
  }

  IqWaiters table_;
  asio::io_context io_;
};

TEST_F(IqWaitersTest, PassesEachAnswerToItsRequest) {
  auto first = StartAsking("1", kTestDeadline);
  auto second = StartAsking("2", kTestDeadline);
  EXPECT_EQ(table_.size(), 2u);
  EXPECT_TRUE(table_.Answer(AnswerTo("2")));
  EXPECT_EQ(second.Finish()->AttributeOr("id"), "2");
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_TRUE(table_.Answer(AnswerTo("1")));
  EXPECT_EQ(first.Finish()->AttributeOr("id"), "1");
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(IqWaitersTest, ATimeoutLeavesNothingBehind) {
  for (int i = 0; i < 100; ++i) {
    auto asked = StartAsking(absl::StrCat(i), absl::Milliseconds(1));
    EXPECT_TRUE(absl::IsDeadlineExceeded(asked.Finish().status()));
  }
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_FALSE(table_.Answer(AnswerTo("0")));
}

TEST_F(IqWaitersTest, ADisconnectLeavesNothingBehind) {
  std::vector<Started<Answered>> asked;
  for (int i = 0; i < 100; ++i) {
    asked.push_back(StartAsking(absl::StrCat(i), kTestDeadline));
  }
  EXPECT_EQ(table_.size(), 100u);
  table_.FailAll(absl::UnavailableError("the stream ended"));
  EXPECT_EQ(table_.size(), 0u);
  for (auto& one : asked) {
    EXPECT_TRUE(absl::IsUnavailable(one.Finish().status()));
  }
}

TEST_F(IqWaitersTest, ACancellationLeavesNothingBehind) {
  IqWaiters table;
  {
    asio::io_context io;
    auto asked =
        StartCoroutine(io, Ask(&table, io.get_executor(), "1", kTestDeadline));
    ASSERT_TRUE(RunUntil(io, [&] { return table.size() == 1; }));
    // The io_context's destructor destroys the coroutine during its wait.
  }
  EXPECT_EQ(table.size(), 0u);
  EXPECT_FALSE(table.Answer(AnswerTo("1")));
}

TEST_F(IqWaitersTest, AnAnswerComesOnce) {
  auto asked = StartAsking("1", kTestDeadline);
  EXPECT_TRUE(table_.Answer(AnswerTo("1")));
  EXPECT_FALSE(table_.Answer(AnswerTo("1")));
  EXPECT_FALSE(table_.Answer(AnswerTo("2")));
  EXPECT_FALSE(table_.Answer(MakeNode("iq")));
  EXPECT_TRUE(asked.Finish().ok());
}

TEST_F(IqWaitersTest, AnAnswerBeforeTheWaitIsNotLost) {
  IqWaiters::Waiter waiter(table_, "1", io_.get_executor());
  table_.FailAll(absl::UnavailableError("sending failed"));
  EXPECT_TRUE(absl::IsUnavailable(
      RunCoroutine(io_, waiter.Wait(kTestDeadline)).status()));
}

}  // namespace
}  // namespace portrait::whatsapp
