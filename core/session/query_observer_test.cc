// Tests that the observer is told of exactly the queries that WhatsApp
// received.
#include "core/session/query_observer.h"

#include <gtest/gtest.h>

#include <array>

#include "absl/synchronization/mutex.h"
#include "core/session/testing/session_pool_test_fixture.h"

namespace portrait {
namespace {

constexpr uint64_t kFirst = 491711230000;
constexpr char kAda[] = "+15551230001";

class Counter : public QueryObserver {
 public:
  struct Counts {
    uint64_t queries = 0, contacts = 0, answered = 0, rate_limited = 0;
  };

  void OnQuery(QueryKind kind, size_t contacts, const absl::Status& status,
               absl::Duration took) override {
    EXPECT_GE(took, absl::ZeroDuration());
    absl::MutexLock lock(&mu_);
    Counts& counts = counts_[static_cast<size_t>(kind)];
    ++counts.queries;
    counts.contacts += contacts;
    if (status.ok()) ++counts.answered;
    if (absl::IsResourceExhausted(status)) ++counts.rate_limited;
  }
  void OnProtocolError() override {
    absl::MutexLock lock(&mu_);
    ++protocol_errors_;
  }

  Counts Of(QueryKind kind) const {
    absl::MutexLock lock(&mu_);
    return counts_[static_cast<size_t>(kind)];
  }
  int protocol_errors() const {
    absl::MutexLock lock(&mu_);
    return protocol_errors_;
  }

 private:
  mutable absl::Mutex mu_;
  std::array<Counts, kQueryKinds> counts_ ABSL_GUARDED_BY(mu_);
  int protocol_errors_ ABSL_GUARDED_BY(mu_) = 0;
};

class QueryObserverTest : public SessionPoolTest {
 protected:
  QueryObserverTest() { options_.observer = &counter_; }
  ~QueryObserverTest() override { StopPool(); }

  Counter counter_;
};

TEST_F(QueryObserverTest, ReceivesEachQueryWithItsContacts) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  work_.Add(TasksFor(kFirst, 250, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  const auto usync = counter_.Of(QueryKind::kUsync);
  EXPECT_EQ(usync.queries, Stats().usync_queries());
  EXPECT_EQ(usync.contacts, 250u);
  EXPECT_EQ(usync.answered, usync.queries);
  const auto picture = counter_.Of(QueryKind::kPicture);
  EXPECT_EQ(picture.queries, Stats().picture_queries());
  EXPECT_EQ(picture.contacts, picture.queries);
}

TEST_F(QueryObserverTest, ReceivesEachRateLimit) {
  StartSimulator();
  StartPool();
  Pair("ada", kAda);
  sim::v1::SetFaultsRequest faults;
  faults.set_rate_limit_per_session(40);
  SetFaults(faults);
  work_.Add(TasksFor(kFirst, 200, UrlNeed::kAlways));
  ASSERT_TRUE(work_.WaitUntilDone());
  EXPECT_EQ(counter_.Of(QueryKind::kUsync).rate_limited +
                counter_.Of(QueryKind::kPicture).rate_limited,
            Stats().rate_limited());
  EXPECT_GT(Stats().rate_limited(), 0u);
}

}  // namespace
}  // namespace portrait
