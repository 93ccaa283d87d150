#include "core/image/image_keeper.h"

#include <atomic>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "core/image/testing/image_world.h"
#include "core/image/testing/scripted_cdn.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kJpeg = absl::StrCat("\xFF\xD8\xFF\xE0", "a small picture");
constexpr char kGone[] = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";

class ImageKeeperTest : public testing::Test, private ImageObserver {
 protected:
  ImageKeeperTest()
      : cdn_([this](const std::string& request, const auto& send) {
          if (before_answer_) before_answer_();
          return send(absl::StrContains(request, "/dead")
                          ? std::string(kGone)
                          : ScriptedCdn::Ok(kJpeg));
        }) {
    options_.fetcher.extra_origin = cdn_.origin();
    options_.read_facts = [](absl::string_view bytes, StoredImage* image) {
      image->set_width(static_cast<uint32_t>(bytes.size()));
      return absl::OkStatus();
    };
    options_.ask_url = [this](const ImageId&, const std::string&, auto done) {
      ++asked_;
      done(new_url_);
    };
    options_.observer = this;
    world_.Apply(Available(kAlice, "1", 0));
  }

  absl::StatusOr<KeptImage> Keep(const std::string& path) {
    ImageKeeper keeper(*world_.stores.pictures, *world_.vault, options_);
    return Keep(keeper, path);
  }
  absl::StatusOr<KeptImage> Keep(ImageKeeper& keeper, const std::string& path) {
    absl::StatusOr<KeptImage> result;
    absl::Notification done;
    WantedImage wanted;
    wanted.id = {kAlice, "1", false};
    wanted.url = path.empty() ? "" : cdn_.origin() + path;
    wanted.hash = hash_;
    keeper.Keep(wanted, [&](absl::StatusOr<KeptImage> kept) {
      result = std::move(kept);
      done.Notify();
    });
    EXPECT_TRUE(done.WaitForNotificationWithTimeout(kTestDeadline));
    return result;
  }

  ImageWorld world_;
  ImageKeeperOptions options_;
  std::function<void()> before_answer_;  // on the CDN's thread
  absl::StatusOr<std::string> new_url_ = absl::UnavailableError("no session");
  std::string hash_;
  int asked_ = 0;
  std::vector<std::string> failed_;
  int other_hashes_ = 0;
  ScriptedCdn cdn_;

 private:
  void OnFetched(size_t) override {}
  void OnFailed(absl::string_view reason) override {
    failed_.emplace_back(reason);
  }
  void OnOtherHash() override { ++other_hashes_; }
};

TEST_F(ImageKeeperTest, AnImageIsFetchedOnceAndThenReadFromTheVault) {
  const auto first = Keep("/a");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first->bytes, kJpeg);
  EXPECT_EQ(first->image.width(), kJpeg.size());
  const auto second = Keep("/a");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->bytes, nullptr);
  EXPECT_EQ(*world_.vault->Read(second->image), kJpeg);
  EXPECT_THAT(cdn_.paths(), SizeIs(1));
}

TEST_F(ImageKeeperTest, IdenticalWishesShareOneFetch) {
  absl::Notification may_answer;
  before_answer_ = [&] { may_answer.WaitForNotification(); };
  std::atomic<int> kept = 0;
  ImageKeeper keeper(*world_.stores.pictures, *world_.vault, options_);
  for (int i = 0; i < 5; ++i) {
    WantedImage wanted;
    wanted.id = {kAlice, "1", false};
    wanted.url = cdn_.origin() + "/a";
    keeper.Keep(wanted, [&](const auto& result) { kept += result.ok(); });
  }
  EXPECT_EQ(keeper.wanted(), 5u);
  may_answer.Notify();
  EXPECT_TRUE(Keep(keeper, "/a").ok());
  EXPECT_EQ(kept, 5);
  EXPECT_THAT(cdn_.paths(), SizeIs(1));
}

TEST_F(ImageKeeperTest, ADeadUrlIsAskedForOnce) {
  new_url_ = cdn_.origin() + "/new";
  ASSERT_TRUE(Keep("/dead").ok());
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(cdn_.paths(), ElementsAre("/dead", "/new"));
}

TEST_F(ImageKeeperTest, ANewUrlThatIsDeadTooIsNotAskedForAgain) {
  new_url_ = cdn_.origin() + "/dead/too";
  EXPECT_TRUE(absl::IsUnavailable(Keep("/dead").status()));
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(failed_, ElementsAre("dead_url"));
  EXPECT_EQ(world_.Entries(), 0u);
}

TEST_F(ImageKeeperTest, AMissingUrlIsAskedFor) {
  new_url_ = cdn_.origin() + "/new";
  ASSERT_TRUE(Keep("").ok());
  EXPECT_EQ(asked_, 1);
}

TEST_F(ImageKeeperTest, APictureThatIsHiddenDuringTheFetchIsNotKept) {
  before_answer_ = [this] {
    world_.Apply(Told(kAlice, v1::PICTURE_STATE_HIDDEN, 5));
  };
  EXPECT_TRUE(absl::IsNotFound(Keep("/a").status()));
  EXPECT_THAT(failed_, ElementsAre("no_longer_visible"));
  EXPECT_THAT(world_.Blobs(), IsEmpty());
  EXPECT_EQ(world_.Entries(), 0u);
}

TEST_F(ImageKeeperTest, AContactThatIsForgottenDuringTheFetchIsNotKept) {
  before_answer_ = [this] {
    ASSERT_TRUE(world_.stores.pictures->Forget(kAlice, true).ok());
    ASSERT_TRUE(world_.vault->RemoveAllOf(kAlice).ok());
  };
  EXPECT_TRUE(absl::IsNotFound(Keep("/a").status()));
  EXPECT_THAT(world_.Blobs(), IsEmpty());
  EXPECT_EQ(world_.Entries(), 0u);
}

TEST_F(ImageKeeperTest, AnImageThatCannotBeDecodedIsNotKept) {
  options_.read_facts = [](absl::string_view, StoredImage*) {
    return absl::InvalidArgumentError("broken");
  };
  EXPECT_TRUE(absl::IsInvalidArgument(Keep("/a").status()));
  EXPECT_THAT(failed_, ElementsAre("not_decoded"));
  EXPECT_THAT(world_.Blobs(), IsEmpty());
}

TEST_F(ImageKeeperTest, AnotherHashThanWhatsAppsIsCounted) {
  hash_ = std::string(32, 'x');
  EXPECT_TRUE(Keep("/a").ok());
  EXPECT_EQ(other_hashes_, 1);
}

TEST_F(ImageKeeperTest, WishesBeyondTheLimitFailAtOnce) {
  options_.max_wanted = 0;
  EXPECT_TRUE(absl::IsResourceExhausted(Keep("/a").status()));
  EXPECT_THAT(cdn_.paths(), IsEmpty());
}

TEST_F(ImageKeeperTest, TheEndOfTheKeeperEndsEveryWish) {
  absl::Notification over;
  before_answer_ = [&] { over.WaitForNotification(); };
  std::atomic<int> cancelled = 0;
  {
    ImageKeeper keeper(*world_.stores.pictures, *world_.vault, options_);
    for (int i = 0; i < 3; ++i) {
      WantedImage wanted;
      wanted.id = {kAlice, absl::StrCat(i), false};
      wanted.url = cdn_.origin() + "/a";
      keeper.Keep(wanted, [&](const auto& result) {
        cancelled += absl::IsCancelled(result.status());
      });
    }
  }
  EXPECT_EQ(cancelled, 3);
  over.Notify();
}

TEST_F(ImageKeeperTest, AUrlThatComesAfterTheEndIsIgnored) {
  std::function<void(absl::StatusOr<std::string>)> late;
  options_.ask_url = [&](const ImageId&, const std::string&, auto done) {
    late = done;
  };
  absl::Notification ended;
  absl::Status status;
  {
    ImageKeeper keeper(*world_.stores.pictures, *world_.vault, options_);
    WantedImage wanted;
    wanted.id = {kAlice, "1", false};
    keeper.Keep(wanted, [&](const auto& result) {
      status = result.status();
      ended.Notify();
    });
  }
  ASSERT_TRUE(ended.WaitForNotificationWithTimeout(kTestDeadline));
  EXPECT_TRUE(absl::IsCancelled(status));
  if (late) late(cdn_.origin() + "/a");
  EXPECT_THAT(cdn_.paths(), IsEmpty());
}

}  // namespace
}  // namespace portrait
