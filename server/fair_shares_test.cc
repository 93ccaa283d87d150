// Tests by counting queries that one tenant's requests do not delay another's.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/enrich_stream.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using Stream = grpc::ClientReaderWriter<v1::EnrichProfilePicturesRequest,
                                        v1::EnrichProfilePicturesResponse>;

constexpr size_t kSmall = 10;  // the other tenant's list

class FairSharesTest : public testing::Test {
 protected:
  FairSharesTest() {
    world_.sessions->SetScript([this](const ContactTask& task) {
      absl::MutexLock lock(&mu_);
      order_.push_back(task.contact.jid.user);
      return Seen(task, "7");
    });
  }

  std::unique_ptr<Stream> Open(const std::string& tenant) {
    contexts_.push_back(
        world_.ContextWithToken(world_.MakeLookupToken(tenant)));
    return world_.pictures->EnrichProfilePictures(contexts_.back().get());
  }
  static v1::EnrichProfilePicturesRequest Items(uint64_t first, size_t count) {
    v1::EnrichProfilePicturesRequest request;
    for (uint64_t number = first; number < first + count; ++number) {
      request.add_items()->set_contact(absl::StrCat("+", number));
    }
    return request;
  }
  bool WaitForQueue(size_t tasks) {
    return WaitUntil([&] { return world_.scheduler->depth().queued == tasks; });
  }
  // The number of contacts that WhatsApp was asked about before this one.
  size_t PlaceOf(uint64_t number) {
    absl::MutexLock lock(&mu_);
    const auto found =
        std::find(order_.begin(), order_.end(), absl::StrCat(number));
    return static_cast<size_t>(found - order_.begin());
  }

  absl::Mutex mu_;
  std::vector<std::string> order_ ABSL_GUARDED_BY(mu_);
  World world_;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts_;
};

TEST_F(FairSharesTest, AnEndlessStreamDoesNotDelayAnotherTenantsCallOrList) {
  world_.sessions->Hold(true);
  // 1. A tenant sends a million items, as many as the server accepts at once.
  auto large = Open("large");
  for (size_t i = 0; i < kEnrichWindowItems; i += kMaxItemsPerMessage) {
    ASSERT_TRUE(large->Write(Items(13102000000 + i, kMaxItemsPerMessage)));
  }
  ASSERT_TRUE(WaitForQueue(kEnrichWindowItems));
  // 2. Another tenant sends a list, and a call for one contact.
  auto small = Open("small");
  ASSERT_TRUE(small->Write(Items(13105000000, kSmall)));
  ASSERT_TRUE(WaitForQueue(kEnrichWindowItems + kSmall));
  std::thread caller([this] {
    v1::GetProfilePictureRequest request;
    request.set_contact("+13106000000");
    v1::GetProfilePictureResponse response;
    EXPECT_TRUE(
        world_.pictures
            ->GetProfilePicture(
                world_.ContextWithToken(world_.MakeLookupToken("small")).get(),
                request, &response)
            .ok());
  });
  EXPECT_TRUE(WaitForQueue(kEnrichWindowItems + kSmall + 1));
  world_.sessions->Hold(false);
  caller.join();
  v1::EnrichProfilePicturesResponse response;
  for (size_t results = 0; results < kSmall;) {
    ASSERT_TRUE(small->Read(&response));
    results += static_cast<size_t>(response.results_size());
  }
  // The call is its tenant's first task, and the tenants take turns: at most
  // one contact of the stream is asked about before it.
  EXPECT_LE(PlaceOf(13106000000), 1u);
  EXPECT_LT(PlaceOf(13105000000 + kSmall - 1), kEnrichWindowItems / 10);
  for (const auto& context : contexts_) context->TryCancel();
}

}  // namespace
}  // namespace portrait
