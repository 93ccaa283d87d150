// A real Kafka for the tests of a program: tests/cluster/kafka/kafka.py,
// started with the first test and stopped after the last.
#ifndef PORTRAIT_CORE_CLUSTER_TESTING_KAFKA_ENVIRONMENT_H_
#define PORTRAIT_CORE_CLUSTER_TESTING_KAFKA_ENVIRONMENT_H_

#include <sys/types.h>

#include <string>

#include "core/cluster/cluster_options.h"
#include "gtest/gtest.h"

namespace portrait::cluster {

// Skips all tests, and exits with 77, if Java or Maven is missing.
class KafkaEnvironment final : public ::testing::Environment {
 public:
  void SetUp() override;
  void TearDown() override;

  static KafkaEnvironment& Get();
  // False if Kafka cannot run here.
  bool is_running() const { return !brokers_.empty(); }
  const std::string& brokers() const { return brokers_; }

  // "kill 1", "start 1", "pause 1", "resume 1"; returns when it is done.
  void Do(const std::string& command);

  // Options of a node of a cluster that no other test has, with heartbeats that
  // suit a test.
  ClusterOptions NewCluster(uint32_t partitions) const;

 private:
  std::string ReadLine();

  std::string brokers_;
  pid_t process_ = 0;
  int to_ = -1, from_ = -1;  // its standard input and output
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_TESTING_KAFKA_ENVIRONMENT_H_
