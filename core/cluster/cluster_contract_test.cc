// Runs the contracts of PictureStore and KeyValueStore with the stores of a
// node, over a real Kafka.
#include <string>

#include "core/cluster/cluster_stores.h"
#include "core/cluster/testing/kafka_environment.h"
#include "core/store/testing/key_value_store_test_fixture.h"
#include "core/store/testing/picture_store_test_fixture.h"
#include "core/store/testing/tie_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

// Sequences follow the order of a batch only within a partition, so that the
// tests which compare them have one.
absl::StatusOr<Stores> OpenOnePartition(const std::string& folder) {
  auto opened = cluster::OpenClusterStores(
      folder, RocksDbOptions(),
      cluster::KafkaEnvironment::Get().NewCluster(/*partitions=*/1));
  if (!opened.ok()) return opened.status();
  if (opened->log->role().AwaitTerm(kTestDeadline) == 0) {
    return absl::DeadlineExceededError("the node is not active");
  }
  return std::move(opened->stores);
}

const Backend kCluster = {"Cluster", OpenOnePartition};

INSTANTIATE_TEST_SUITE_P(OverKafka, PictureStoreTest, testing::Values(kCluster),
                         NameOfBackend);
INSTANTIATE_TEST_SUITE_P(OverKafka, UnaskedTest, testing::Values(kCluster),
                         NameOfBackend);
INSTANTIATE_TEST_SUITE_P(OverKafka, KeyValueStoreTest,
                         testing::Values(kCluster), NameOfBackend);
INSTANTIATE_TEST_SUITE_P(OverKafka, TieTest, testing::Values(kCluster),
                         NameOfBackend);

}  // namespace
}  // namespace portrait
