// Tests that a stream, however it ends, frees its memory. The tests count bytes
// of the heap.
#include <malloc.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

size_t HeapBytes() {
  malloc_trim(0);
  return mallinfo2().uordblks;
}

class StreamLeakTest : public testing::Test {
 protected:
  // Opens and ends one gRPC stream. In turn, a bulk stream completes, a bulk
  // stream is cancelled with a contact in flight, a bulk stream is refused, and
  // a watch is cancelled.
  void OpenAndEnd(int i) {
    const auto context = i % 4 == 2 ? world_.ContextWithToken("pt_unknown")
                                    : world_.ContextWithToken(token_);
    if (i % 4 == 3) {
      const auto watch =
          world_.pictures->WatchProfilePictureChanges(context.get(), {});
      v1::WatchProfilePictureChangesResponse start;
      EXPECT_TRUE(watch->Read(&start));
      context->TryCancel();
      EXPECT_FALSE(watch->Finish().ok());
      return;
    }
    const auto stream = world_.pictures->EnrichProfilePictures(context.get());
    v1::EnrichProfilePicturesRequest request;
    // Always the same few contacts, because a stored record is not a leak.
    request.add_items()->set_contact(absl::StrCat("+1310555", 1000 + i % 10));
    stream->Write(request);
    if (i % 4 == 1) {
      context->TryCancel();
      EXPECT_FALSE(stream->Finish().ok());
      return;
    }
    stream->WritesDone();
    v1::EnrichProfilePicturesResponse response;
    while (stream->Read(&response)) {
    }
    EXPECT_EQ(stream->Finish().ok(), i % 4 == 0);
  }

  World world_;
  const std::string token_ = world_.MakeLookupToken("acme");
};

TEST_F(StreamLeakTest, ThousandsOfStreamsDoNotGrowTheHeap) {
  constexpr int kStreams = 4000;
  for (int i = 0; i < kStreams / 4; ++i) OpenAndEnd(i);
  const size_t before = HeapBytes();
  for (int i = 0; i < kStreams; ++i) OpenAndEnd(i);
  const size_t after = HeapBytes();
  RecordProperty("heap_growth", static_cast<int>(after - before));
  // The smallest object of a stream has a hundred bytes; leaking it would cost
  // 400 kB. The bound allows for buffers of threads.
  EXPECT_LT(after, before + 64 * kStreams);
}

}  // namespace
}  // namespace portrait
