#include "core/lookup/change_feed.h"

#include <atomic>
#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

Observation Seen(const std::string& picture_id) {
  Observation seen;
  seen.jid = "13105551234@s.whatsapp.net";
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.state = v1::PICTURE_STATE_AVAILABLE;
  seen.picture_id = picture_id;
  seen.observed_at = absl::Now();
  return seen;
}

void Store(PictureStore& store, const std::string& picture_id) {
  const Observation seen = Seen(picture_id);
  ASSERT_TRUE(store.Apply(absl::MakeConstSpan(&seen, 1)).ok());
}

TEST(ResumeTokenTest, ReadsItsOwnResumeTokens) {
  for (const uint64_t sequence : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40,
                                  std::numeric_limits<uint64_t>::max()}) {
    const absl::StatusOr<uint64_t> read =
        ParseResumeToken(MakeResumeToken(sequence));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, sequence);
  }
}

TEST(ResumeTokenTest, RefusesForeignResumeTokens) {
  std::string token = MakeResumeToken(42);
  EXPECT_FALSE(ParseResumeToken("").ok());
  EXPECT_FALSE(ParseResumeToken("42").ok());
  EXPECT_FALSE(ParseResumeToken("not base64 !").ok());
  EXPECT_FALSE(ParseResumeToken(token + "A").ok());
  EXPECT_FALSE(ParseResumeToken(absl::StrCat(" ", token)).ok());
  for (char& c : token) {
    const char was = c;
    c = was == 'x' ? 'y' : 'x';
    EXPECT_EQ(ParseResumeToken(token).status().code(),
              absl::StatusCode::kInvalidArgument);
    c = was;
  }
}

TEST(ChangeFeedTest, WakesEverySubscriberAfterChangesWereStored) {
  Stores stores = NewMemoryStores();
  const auto feed = std::make_unique<ChangeFeed>(*stores.pictures);
  int first = 0, second = 0;
  uint64_t seen = 0;
  const auto one = feed->Subscribe([&] {
    ++first;
    seen = feed->last_sequence();
  });
  auto two = feed->Subscribe([&] { ++second; });
  Store(*stores.pictures, "1");
  EXPECT_EQ(seen, 1u);
  Store(*stores.pictures, "1");  // no change
  two.reset();
  Store(*stores.pictures, "2");
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 1);
  const absl::StatusOr<std::vector<Change>> changes = feed->Read(1, 10);
  ASSERT_TRUE(changes.ok());
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ(changes->front().new_id, "2");
}

TEST(ChangeFeedTest, NoSubscriberIsWokenAfterItsHandleIsDestroyed) {
  Stores stores = NewMemoryStores();
  const auto feed = std::make_unique<ChangeFeed>(*stores.pictures);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) Store(*stores.pictures, absl::StrCat(i));
  });
  for (int i = 0; i < 200; ++i) {
    auto wakes = std::make_unique<std::atomic<int>>(0);
    auto handle = feed->Subscribe([wakes = wakes.get()] { ++*wakes; });
    while (*wakes == 0) std::this_thread::yield();
    handle.reset();
    wakes.reset();  // a call after this would be a use after free
  }
  stop = true;
  writer.join();
}

TEST(ChangeFeedTest, TheHandleWaitsForACallUnderWay) {
  Stores stores = NewMemoryStores();
  const auto feed = std::make_unique<ChangeFeed>(*stores.pictures);
  absl::Notification called, may_return;
  std::atomic<bool> returned = false;
  auto handle = feed->Subscribe([&] {
    called.Notify();
    may_return.WaitForNotification();
    returned = true;
  });
  std::thread writer([&] { Store(*stores.pictures, "1"); });
  called.WaitForNotification();
  std::thread leaver([&] {
    handle.reset();
    EXPECT_TRUE(returned);
  });
  may_return.Notify();
  leaver.join();
  writer.join();
}

}  // namespace
}  // namespace portrait
