// Measures a node over three brokers on this machine, beside an embedded store:
//
//   build/release/core/cluster/cluster_bench
//
// PORTRAIT_BENCH_CONTACTS is the number of contacts (default 100000).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/cluster/cluster_stores.h"
#include "core/cluster/testing/kafka_environment.h"
#include "core/store/testing/test_observations.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait::cluster {
namespace {

constexpr int kWriters = 8;
constexpr int kBatch = 100;
constexpr int kSingleWrites = 1000;

int Contacts() {
  int contacts = 100'000;
  if (const char* text = std::getenv("PORTRAIT_BENCH_CONTACTS")) {
    EXPECT_TRUE(absl::SimpleAtoi(text, &contacts));
  }
  return contacts;
}

Observation Seen(int contact, int second) {
  Observation seen =
      Available(absl::StrCat(4915100000000 + contact, "@s.whatsapp.net"),
                absl::StrCat(1600000000 + second), second);
  seen.full_url = PictureUrl{
      absl::StrCat("https://pps.whatsapp.net/", std::string(180, 'x'), contact),
      At(1'000'000)};
  return seen;
}

void PrintSingleWrites(const char* name, PictureStore& store) {
  std::vector<double> ms;
  for (int i = 0; i < kSingleWrites; ++i) {
    const std::vector<Observation> one = {Seen(i, 2)};
    const absl::Time started = absl::Now();
    ASSERT_TRUE(store.Apply(one).ok());
    ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - started));
  }
  std::sort(ms.begin(), ms.end());
  std::printf("%s: one write at a time: p50 %.2f ms, p99 %.2f ms\n", name,
              ms[ms.size() / 2], ms[ms.size() * 99 / 100]);
}

// Stores every contact once, by several writers.
void PrintBulkWrites(const char* name, PictureStore& store) {
  const int contacts = Contacts();
  const absl::Time started = absl::Now();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      std::vector<Observation> batch;
      for (int i = writer; i < contacts; i += kWriters) {
        batch.push_back(Seen(i, 1));
        if (batch.size() < kBatch && i + kWriters < contacts) continue;
        EXPECT_TRUE(store.Apply(batch).ok());
        batch.clear();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - started);
  std::printf("%s: %d writers, batches of %d: %.0f contacts per second\n", name,
              kWriters, kBatch, contacts / seconds);
}

TEST(ClusterBench, Writes) {
  const TemporaryFolder folder;
  {
    const auto embedded =
        OpenRocksDbStores(folder.path() + "/embedded", RocksDbOptions());
    ASSERT_TRUE(embedded.ok());
    PrintBulkWrites("embedded", *embedded->pictures);
    PrintSingleWrites("embedded", *embedded->pictures);
  }
  const ClusterOptions options =
      KafkaEnvironment::Get().NewCluster(/*partitions=*/16);
  {
    const auto node =
        OpenClusterStores(folder.path() + "/node", RocksDbOptions(), options);
    ASSERT_TRUE(node.ok()) << node.status();
    PrintBulkWrites("cluster", *node->stores.pictures);
    PrintSingleWrites("cluster", *node->stores.pictures);
  }
  absl::Time started = absl::Now();
  {
    const auto node =
        OpenClusterStores(folder.path() + "/node", RocksDbOptions(), options);
    ASSERT_TRUE(node.ok()) << node.status();
  }
  std::printf("cluster: restarted in %.1f s\n",
              absl::ToDoubleSeconds(absl::Now() - started));
  ClusterOptions other = options;
  other.node = "n2";
  started = absl::Now();
  const auto filled =
      OpenClusterStores(folder.path() + "/empty", RocksDbOptions(), other);
  ASSERT_TRUE(filled.ok()) << filled.status();
  std::printf("cluster: an empty node has %d contacts in %.1f s\n", Contacts(),
              absl::ToDoubleSeconds(absl::Now() - started));
}

}  // namespace
}  // namespace portrait::cluster
