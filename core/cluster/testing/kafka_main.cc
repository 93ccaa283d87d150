// Runs the tests of a program with one Kafka.
#include "core/base/telemetry.h"
#include "core/cluster/testing/kafka_environment.h"
#include "gmock/gmock.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  portrait::InitLogging("test", "warning");
  ::testing::AddGlobalTestEnvironment(new portrait::cluster::KafkaEnvironment);
  return RUN_ALL_TESTS();
}
