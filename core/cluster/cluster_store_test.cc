// Tests what a node of a cluster promises beyond the contract of PictureStore,
// with a real Kafka.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/cluster/log_message.h"
#include "core/cluster/testing/cluster_store_fixture.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::HasSubstr;

TEST_F(ClusterStoreTest, ARestartedNodeGoesOnWithWhatItHad) {
  uint64_t sum = 0, sequence = 0;
  {
    const auto store = MustOpen("a");
    ASSERT_NE(store, nullptr);
    std::vector<Observation> batch;
    for (int i = 0; i < 200; ++i) batch.push_back(Available(Jid(i), "7", 1));
    ASSERT_TRUE(Apply(*store, batch).ok());
    ASSERT_TRUE(store->Forget(Jid(3), /*suppress=*/false).ok());
    sum = ChecksumOf(*store);
    sequence = store->last_sequence();
  }
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(ChecksumOf(*store), sum);
  EXPECT_EQ(store->last_sequence(), sequence);
  ASSERT_TRUE(Apply(*store, {Available(Jid(0), "8", 2)}).ok());
  EXPECT_EQ(IdOf(*store, Jid(0)), "8");
  EXPECT_EQ(IdOf(*store, Jid(3)), "-");
}

TEST_F(ClusterStoreTest, AnEmptyNodeIsFilledFromTheLog) {
  uint64_t sum = 0;
  {
    const auto store = MustOpen("a");
    ASSERT_NE(store, nullptr);
    std::vector<Observation> batch;
    for (int i = 0; i < 500; ++i) {
      batch.push_back(
          WithLid(Available(Jid(i), "7", 1), absl::StrCat(5000 + i, "@lid")));
    }
    ASSERT_TRUE(Apply(*store, batch).ok());
    ASSERT_TRUE(
        Apply(*store, {Told(Jid(1), v1::PICTURE_STATE_HIDDEN, 2)}).ok());
    // The LID moves, is forgotten, and another contact objects.
    ASSERT_TRUE(
        Apply(*store, {WithLid(Available(Jid(2), "7", 3), "5003@lid")}).ok());
    ASSERT_TRUE(store->Forget(Jid(4), false).ok());
    ASSERT_TRUE(store->Forget(Jid(5), /*suppress=*/true).ok());
    sum = ChecksumOf(*store);
  }
  const auto store = MustOpen("b");
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(ChecksumOf(*store), sum);
  EXPECT_EQ(IdOf(*store, "5003@lid"), "7");
  EXPECT_EQ(IdOf(*store, Jid(4)), "-");
  const std::vector<std::string> jids = {Jid(5)};
  EXPECT_TRUE(store->Get(jids)->at(0).suppressed);
  EXPECT_EQ(store->ReadHistory(Jid(1), 0, 10)->size(), 2u);
}

TEST_F(ClusterStoreTest, AStandbyFollowsAndTakesOverWhenTheOwnerEnds) {
  auto owner = MustOpen("a");
  ASSERT_NE(owner, nullptr);
  ASSERT_TRUE(Apply(*owner, {Available(Jid(0), "7", 1)}).ok());
  ClusterOptions other = options_;
  other.node = "n2";
  const auto standby = Open(other, "b");
  ASSERT_TRUE(standby.ok()) << standby.status();
  EXPECT_EQ((*standby)->log().stats().owned, 0u);
  EXPECT_EQ(owner->log().stats().owned, kPartitions + 1);
  EXPECT_THAT(Apply(**standby, {Available(Jid(1), "7", 1)}).message(),
              HasSubstr("n1"));
  // It is told of the changes that it follows.
  std::atomic<int> calls = 0;
  (*standby)->SetChangeListener([&] { ++calls; });
  ASSERT_TRUE(Apply(*owner, {Available(Jid(1), "7", 1)}).ok());
  ASSERT_TRUE(Eventually([&] { return calls > 0; }));
  EXPECT_EQ(IdOf(**standby, Jid(1)), "7");
  owner.reset();
  ASSERT_TRUE(Eventually(
      [&] { return Apply(**standby, {Available(Jid(1), "8", 2)}).ok(); }));
  EXPECT_EQ(IdOf(**standby, Jid(1)), "8");
  ASSERT_TRUE(Eventually(
      [&] { return (*standby)->log().stats().owned == kPartitions + 1; }));
  EXPECT_GE((*standby)->log().stats().takeovers, kPartitions + 1);
  EXPECT_TRUE(Eventually([&] { return (*standby)->log().stats().lag == 0; }));
}

TEST_F(ClusterStoreTest, ANodeThatDoesNotBelongIsRefused) {
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  // Another node of the same name, elsewhere.
  const auto twin = Open(options_, "b");
  EXPECT_THAT(twin.status().message(), HasSubstr("another node of this name"));
  ClusterOptions wrong = options_;
  wrong.node = "n2";
  wrong.key = Secret(std::string(32, 'k'));
  EXPECT_THAT(Open(wrong, "c").status().message(),
              HasSubstr("another cluster key"));
  // With the right key, the folder is as good as new.
  { ASSERT_NE(MustOpenAs("n2", "c"), nullptr); }
  // A data folder of another cluster.
  { ASSERT_NE(MustOpenAs("n3", "d"), nullptr); }
  ClusterOptions elsewhere = KafkaEnvironment::Get().NewCluster(1);
  EXPECT_THAT(Open(elsewhere, "d").status().message(),
              HasSubstr("belongs to another cluster"));
  ClusterOptions unreachable = options_;
  unreachable.brokers = "127.0.0.1:1";
  unreachable.connect_timeout = absl::Seconds(1);
  EXPECT_THAT(Open(unreachable, "e").status().message(),
              HasSubstr("no broker answered"));
}

TEST_F(ClusterStoreTest, AWriteThatTheLogRefusesLeavesEarlierOnesOfItsKey) {
  auto replica = OpenRocksDbReplica(folder_.path() + "/a", RocksDbOptions(),
                                    SuppressionKeyOf(options_.key));
  ASSERT_TRUE(replica.ok()) << replica.status();
  PictureStore& copy = replica->replica->pictures();
  InFlight in_flight(replica->replica->contacts(), [&](absl::string_view jid) {
    return copy.ObjectionIdOf(jid);
  });
  LogEvents events = {[] {}, [](const auto&) {}, [](const auto&) {}};
  const auto log = ClusterLog::Open(options_, SystemClock(), *replica->replica,
                                    in_flight, events);
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_TRUE((*log)->WaitUntilRead().ok());
  ASSERT_NE((*log)->role().AwaitTerm(kTestDeadline), 0u);
  const auto record_of = [](size_t bytes) {
    LogEntry entry;
    entry.id = Jid(0);
    entry.record.set_jid(Jid(0));
    entry.record.set_id(std::string(bytes, '7'));
    return entry;
  };
  KafkaEnvironment& kafka = KafkaEnvironment::Get();
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("pause ", broker));
  const auto written = (*log)->Publish({record_of(1)}, (*log)->generation());
  const auto refused =
      (*log)->Publish({record_of(2 << 20)}, (*log)->generation());
  const bool is_known = in_flight.Has(KeyOf(record_of(1)));
  const auto pending = (*log)->PendingOf(Jid(0));
  for (const char* broker : kBrokers) kafka.Do(absl::StrCat("resume ", broker));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(is_known);
  EXPECT_EQ(pending, *written);
  (*log)->Stop();
}

TEST_F(ClusterStoreTest, ANodeThatCouldNotFollowForLongIsRefused) {
  ManualClock clock(absl::Now());
  {
    const auto store = Open(options_, "a", clock.clock());
    ASSERT_TRUE(store.ok()) << store.status();
    KafkaEnvironment& kafka = KafkaEnvironment::Get();
    for (const char* broker : kBrokers)
      kafka.Do(absl::StrCat("pause ", broker));
    clock.Advance(absl::Hours(13));
  }
  for (const char* broker : kBrokers) {
    KafkaEnvironment::Get().Do(absl::StrCat("resume ", broker));
  }
  EXPECT_THAT(Open(options_, "a", clock.clock()).status().message(),
              HasSubstr("was away"));
}

TEST_F(ClusterStoreTest, AWriteUnderAnOldClaimIsIgnoredAndItsKeyWrittenAgain) {
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(Apply(*store, {Available(Jid(0), "7", 1)}).ok());
  const LogPlaces& places = store->log().places();
  const size_t place = PartitionOf(Jid(0), kPartitions);
  auto reader = LogReader::Make(options_, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto end = [&] { return (*reader)->EndOf(places, place).value_or(-1); };
  const int64_t before = end();

  const auto writer =
      LogWriter::Make(options_, {}, places, [](size_t, uint64_t) {});
  ASSERT_TRUE(writer.ok()) << writer.status();
  LogEntry late;
  late.id = Jid(0);
  late.record.set_jid(Jid(0));
  late.record.set_id("9");
  store::v1::LogHeader header;
  header.set_version(kLogVersion);
  ASSERT_TRUE((*writer)->Write(place, KeyOf(late), ValueOf(late), header).ok());
  ASSERT_TRUE((*writer)->Flush(kTestDeadline).ok());

  // Compaction would keep the late message, so the owner writes a newer one.
  ASSERT_TRUE(Eventually([&] { return end() == before + 2; }));
  ASSERT_TRUE(Eventually([&] {
    const auto repairs = store->replica().ReadRepairs(places.NameOf(place));
    return repairs.ok() && repairs->empty();
  }));
  EXPECT_EQ(store->log().stats().fenced_writes, 1u);
  EXPECT_EQ(IdOf(*store, Jid(0)), "7");
  std::vector<int64_t> offsets(places.size(), RD_KAFKA_OFFSET_END);
  offsets[place] = before + 1;
  ASSERT_TRUE((*reader)->Follow(places, offsets).ok());
  std::vector<ReadMessage> last;
  ASSERT_TRUE(Eventually([&] {
    for (ReadMessage& each : (*reader)->Read(1, absl::Milliseconds(100))) {
      if (each.status().ok()) last.push_back(std::move(each));
    }
    return !last.empty();
  }));
  const auto written =
      ParseLogMessage(last[0].header(), last[0].key(), last[0].value());
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->entry.record.jid(), Jid(0));
  EXPECT_EQ(written->entry.record.id(), "7");
}

TEST_F(ClusterStoreTest, ManyWritersOfOneContactLoseNoChange) {
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  constexpr int kWriters = 8, kWrites = 25;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kWrites; ++i) {
        EXPECT_TRUE(
            Apply(*store, {Available(Jid(0), absl::StrCat(writer, "-", i), 1)})
                .ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  // Each change starts where the one before it ended.
  const auto history = store->ReadHistory(Jid(0), 0, 1000);
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->size(), size_t{kWriters * kWrites});
  for (size_t i = 1; i < history->size(); ++i) {
    EXPECT_EQ(history->at(i - 1).old_id, history->at(i).new_id);
  }
}

TEST_F(ClusterStoreTest, ABrokerThatDiesLosesNothing) {
  const auto store = MustOpen("a");
  ASSERT_NE(store, nullptr);
  int acknowledged = 0;
  for (int i = 0; i < 60; ++i) {
    if (i == 20) KafkaEnvironment::Get().Do("kill 1");
    // An error says that it is not known whether it was stored.
    while (!Apply(*store, {Available(Jid(i), "7", 1)}).ok()) {
    }
    ++acknowledged;
  }
  KafkaEnvironment::Get().Do("start 1");
  const auto copy = [&] {
    ClusterOptions other = options_;
    other.node = "n2";
    return Open(other, "b");
  }();
  ASSERT_TRUE(copy.ok()) << copy.status();
  for (int i = 0; i < acknowledged; ++i) EXPECT_EQ(IdOf(**copy, Jid(i)), "7");
  ASSERT_TRUE(
      Eventually([&] { return ChecksumOf(**copy) == ChecksumOf(*store); }));
}

}  // namespace
}  // namespace portrait::cluster
