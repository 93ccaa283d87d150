#include "server/result_queue.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace portrait {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

LookupResults Batch(uint64_t first, uint64_t last, size_t message_bytes = 10) {
  LookupResults batch;
  for (uint64_t tag = first; tag < last; ++tag) {
    batch.AddError(
        tag, {v1::ERROR_REASON_INTERNAL, std::string(message_bytes, 'm'), {}});
  }
  return batch;
}

class ResultQueueTest : public ::testing::Test {
 protected:
  // The tags of the results in the next message.
  std::vector<uint64_t> Take(size_t max_results, size_t max_bytes) {
    std::vector<grpc::Slice> slices;
    const size_t taken =
        queue_.Take(max_results, max_bytes, &slices, &counter_);
    std::string bytes;
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    v1::EnrichProfilePicturesResponse response;
    EXPECT_TRUE(response.ParseFromString(bytes));
    std::vector<uint64_t> tags;
    for (const auto& result : response.results()) tags.push_back(result.tag());
    EXPECT_EQ(tags.size(), taken);
    return tags;
  }

  ResultQueue queue_;
  EnrichCounter counter_{absl::Seconds(1)};
};

using Tags = std::vector<uint64_t>;

TEST_F(ResultQueueTest, ReturnsResultsInTheirOrder) {
  queue_.Push(Batch(1, 4));
  queue_.Push(LookupResults());
  queue_.Push(Batch(4, 6));
  EXPECT_EQ(queue_.size(), 5);
  EXPECT_EQ(Take(kNoLimit, kNoLimit), (Tags{1, 2, 3, 4, 5}));
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(Take(kNoLimit, kNoLimit), Tags{});
  EXPECT_EQ(counter_.ToProto().completed(), 5);
}

TEST_F(ResultQueueTest, CutsMessagesWithinABatch) {
  queue_.Push(Batch(1, 4));
  queue_.Push(Batch(4, 7));
  EXPECT_EQ(Take(2, kNoLimit), (Tags{1, 2}));
  EXPECT_EQ(queue_.size(), 4);
  EXPECT_EQ(Take(3, kNoLimit), (Tags{3, 4, 5}));
  EXPECT_EQ(counter_.ToProto().completed(), 5);
  EXPECT_EQ(Take(3, kNoLimit), (Tags{6}));
}

TEST_F(ResultQueueTest, CutsMessagesBySize) {
  queue_.Push(Batch(1, 4, /*message_bytes=*/1000));
  EXPECT_EQ(Take(kNoLimit, 1500), (Tags{1, 2}));
  // A result larger than the limit is sent alone.
  EXPECT_EQ(Take(kNoLimit, 10), (Tags{3}));
}

}  // namespace
}  // namespace portrait
