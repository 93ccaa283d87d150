// Tests that sequences of changes mean the same on every node, with a real
// Kafka.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/cluster/testing/cluster_store_fixture.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

constexpr size_t kMany = 10'000;

class ClusterSequenceTest : public ClusterStoreTest {
 protected:
  // "SEQUENCE JID PICTURE" of each change after `after`.
  static std::vector<std::string> ChangesOf(ClusterPictureStore& store,
                                            uint64_t after) {
    const auto changes = store.ReadChanges(after, kMany);
    EXPECT_TRUE(changes.ok()) << changes.status();
    std::vector<std::string> texts;
    if (!changes.ok()) return texts;
    for (const Change& each : *changes) {
      texts.push_back(
          absl::StrCat(each.sequence, " ", each.jid, " ", each.new_id));
    }
    return texts;
  }
  static std::vector<Observation> Batch(int count, const std::string& id) {
    std::vector<Observation> batch;
    for (int i = 0; i < count; ++i) batch.push_back(Available(Jid(i), id, 1));
    return batch;
  }
};

TEST_F(ClusterSequenceTest, ATokenOfOneNodeIsGoodOnAnother) {
  auto first = MustOpen("a");
  ASSERT_NE(first, nullptr);
  const auto second = MustOpenAs("n2", "b");
  ASSERT_NE(second, nullptr);
  ASSERT_TRUE(Apply(*first, Batch(40, "7")).ok());
  const uint64_t token = first->last_sequence();
  EXPECT_EQ(token, 40u);
  ASSERT_TRUE(Apply(*first, Batch(40, "8")).ok());
  const std::vector<std::string> all = ChangesOf(*first, 0);
  const std::vector<std::string> rest = ChangesOf(*first, token);
  EXPECT_EQ(all.size(), 80u);
  EXPECT_EQ(rest.size(), 40u);
  first.reset();
  ASSERT_NE(second->log().role().AwaitTerm(kTestDeadline), 0u);
  EXPECT_EQ(ChangesOf(*second, 0), all);
  EXPECT_EQ(ChangesOf(*second, token), rest);
  // Numbering goes on.
  ASSERT_TRUE(Apply(*second, {Available(Jid(0), "9", 2)}).ok());
  EXPECT_EQ(second->last_sequence(), 81u);
  // A node that is filled from the log has the same, too.
  const auto third = MustOpenAs("n3", "c");
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(ChangesOf(*third, 0), ChangesOf(*second, 0));
  EXPECT_EQ(ChecksumOf(*third), ChecksumOf(*second));
}

TEST_F(ClusterSequenceTest, AWatcherOfManyPartitionsMissesNothing) {
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  constexpr int kWriters = 4, kWrites = 40;
  std::atomic<int> running = kWriters;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kWrites; ++i) {
        EXPECT_TRUE(
            Apply(*store, {Available(Jid(writer * kWrites + i), "7", 1),
                           Available(Jid(5000 + i), absl::StrCat(writer), 1)})
                .ok());
      }
      --running;
    });
  }
  std::vector<std::string> watched;
  uint64_t position = 0;
  while (running > 0 || position < store->last_sequence()) {
    const auto changes = store->ReadChanges(position, /*limit=*/7);
    ASSERT_TRUE(changes.ok()) << changes.status();
    for (const Change& each : *changes) {
      ASSERT_GT(each.sequence, position);
      position = each.sequence;
      watched.push_back(
          absl::StrCat(each.sequence, " ", each.jid, " ", each.new_id));
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_GE(watched.size(), size_t{kWriters * kWrites});
  EXPECT_EQ(watched, ChangesOf(*store, 0));
}

TEST_F(ClusterSequenceTest, ASequenceIsNotUsedAgainAfterItsContactIsErased) {
  {
    const auto store = MustOpen("a");
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(Apply(*store, Batch(3, "7")).ok());
    ASSERT_TRUE(Apply(*store, {Available(Jid(9), "7", 1)}).ok());
    ASSERT_TRUE(store->Forget(Jid(9), /*suppress=*/false).ok());
  }
  const auto store = MustOpen("b");
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->last_sequence(), 4u);
  ASSERT_TRUE(Apply(*store, {Available(Jid(0), "8", 2)}).ok());
  EXPECT_EQ(ChangesOf(*store, 4),
            std::vector<std::string>{absl::StrCat("5 ", Jid(0), " 8")});
}

TEST_F(ClusterSequenceTest, AWriteThatIsNotConfirmedHidesNoLaterChangeForLong) {
  options_.write_timeout = absl::Seconds(1);
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(Apply(*store, Batch(8, "7")).ok());
  std::atomic<int> calls = 0;
  KafkaEnvironment& kafka = KafkaEnvironment::Get();
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("pause ", broker));
  EXPECT_FALSE(Apply(*store, Batch(8, "8")).ok());
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("resume ", broker));
  store->SetChangeListener([&] { ++calls; });
  ASSERT_TRUE(Eventually([&] { return Apply(*store, Batch(8, "9")).ok(); }));
  ASSERT_TRUE(Eventually([&] {
    const auto changes = ChangesOf(*store, 8);
    return !changes.empty() && store->last_sequence() >= 16;
  }));
  EXPECT_GT(calls, 0);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(IdOf(*store, Jid(i)), "9");
}

}  // namespace
}  // namespace portrait::cluster
