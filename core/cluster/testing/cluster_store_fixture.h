// Nodes of a cluster of their own, for tests of their stores with a real Kafka.
#ifndef PORTRAIT_CORE_CLUSTER_TESTING_CLUSTER_STORE_FIXTURE_H_
#define PORTRAIT_CORE_CLUSTER_TESTING_CLUSTER_STORE_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/cluster/cluster_picture_store.h"
#include "core/cluster/log_start.h"
#include "core/cluster/testing/kafka_environment.h"
#include "gtest/gtest.h"
#include "tests/support/eventually.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"

namespace portrait::cluster {

inline constexpr uint32_t kPartitions = 4;
inline constexpr const char* kBrokers[] = {"1", "2", "3"};

inline std::string Number(int i) { return absl::StrCat("1310555", 1000 + i); }
inline std::string Jid(int i) { return Number(i) + "@s.whatsapp.net"; }

class ClusterStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ClusterPictureStore>> Open(
      const ClusterOptions& options, const std::string& folder,
      Clock clock = SystemClock()) {
    auto replica =
        OpenRocksDbReplica(folder_.path() + "/" + folder, RocksDbOptions(),
                           SuppressionKeyOf(options.key));
    if (!replica.ok()) return replica.status();
    return ClusterPictureStore::Open(options, std::move(clock),
                                     std::move(replica->replica));
  }
  // A node that is active.
  std::unique_ptr<ClusterPictureStore> MustOpen(const std::string& folder) {
    auto store = Open(options_, folder);
    EXPECT_TRUE(store.ok()) << store.status();
    if (!store.ok()) return nullptr;
    EXPECT_NE((*store)->log().role().AwaitTerm(kTestDeadline), 0u);
    return *std::move(store);
  }

  std::unique_ptr<ClusterPictureStore> MustOpenAs(const std::string& node,
                                                  const std::string& folder) {
    ClusterOptions options = options_;
    options.node = node;
    auto store = Open(options, folder);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  static std::string IdOf(ClusterPictureStore& store, const std::string& jid) {
    const std::vector<std::string> jids = {jid};
    const auto contacts = store.Get(jids);
    EXPECT_TRUE(contacts.ok()) << contacts.status();
    if (!contacts.ok() || !contacts->at(0).record.has_value()) return "-";
    return contacts->at(0).record->id();
  }
  static absl::Status Apply(ClusterPictureStore& store,
                            std::vector<Observation> observations) {
    return store.Apply(observations).status();
  }
  static uint64_t ChecksumOf(ClusterPictureStore& store) {
    const auto sum =
        store.replica().Checksum([](absl::string_view) { return true; });
    EXPECT_TRUE(sum.ok()) << sum.status();
    return sum.value_or(0);
  }

  TemporaryFolder folder_;
  ClusterOptions options_ = KafkaEnvironment::Get().NewCluster(kPartitions);
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_TESTING_CLUSTER_STORE_FIXTURE_H_
