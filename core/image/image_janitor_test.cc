#include "core/image/image_janitor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "absl/time/clock.h"
#include "core/base/random.h"
#include "core/image/testing/image_world.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ImageJanitorTest : public testing::Test {
 protected:
  ImageJanitorTest() {
    options_.clock = [this] { return now_; };
    options_.first_round = absl::InfiniteDuration();
    world_.Apply(Available(kAlice, "1", 0));
    world_.Apply(Available(kBob, "7", 0));
    alice_ = world_.Put(kAlice, "1", "alice");
    bob_ = world_.Put(kBob, "7", "bob");
  }

  ImageRound Tidy() {
    ImageJanitor janitor(*world_.stores.pictures, *world_.vault, options_);
    ImageRound round = janitor.Tidy();
    EXPECT_TRUE(round.status.ok()) << round.status;
    return round;
  }

  ImageWorld world_;
  ImageJanitorOptions options_;
  absl::Time now_ = At(100);
  StoredImage alice_, bob_;
};

TEST_F(ImageJanitorTest, CurrentImagesStay) {
  now_ += absl::Hours(10'000);
  const ImageRound round = Tidy();
  EXPECT_EQ(round.images, 2u);
  EXPECT_EQ(round.bytes, 8u);
  EXPECT_EQ(round.removed, 0u);
  EXPECT_THAT(world_.Blobs(), SizeIs(2));
}

TEST_F(ImageJanitorTest, ImagesOfAContactWithoutAVisiblePictureGo) {
  const std::vector<std::function<void()>> kEvents = {
      [&] { world_.Apply(Told(kAlice, v1::PICTURE_STATE_HIDDEN, 5)); },
      [&] { world_.Apply(Told(kAlice, v1::PICTURE_STATE_NOT_SET, 15)); },
      [&] {
        world_.Apply(Registered(kAlice, v1::REGISTRATION_NOT_REGISTERED, 25));
      },
      [&] { (void)world_.stores.pictures->Forget(kAlice, false); },
      [&] { (void)world_.stores.pictures->Forget(kAlice, true); }};
  int second = 0;
  for (const auto& event : kEvents) {
    world_.Apply(Available(kAlice, "1", second));
    world_.Put(kAlice, "1", "alice");
    world_.Put(kAlice, "0", "alice, some time ago");
    event();
    EXPECT_EQ(Tidy().removed, 2u) << second;
    EXPECT_THAT(world_.Blobs(), ElementsAre(bob_.blob())) << second;
    EXPECT_THAT(*world_.vault->index().ImagesOf(kAlice), IsEmpty());
    second += 10;
  }
}

TEST_F(ImageJanitorTest, AReplacedImageStaysForATime) {
  world_.Apply(Available(kAlice, "2", 5));
  const StoredImage second = world_.Put(kAlice, "2", "alice again");
  options_.keep_replaced = absl::Hours(10);
  EXPECT_EQ(Tidy().removed, 0u);
  now_ += absl::Hours(9);
  EXPECT_EQ(Tidy().removed, 0u);
  now_ += absl::Hours(1);
  EXPECT_EQ(Tidy().removed, 1u);
  EXPECT_THAT(*world_.vault->index().ImagesOf(kAlice), SizeIs(1));
  EXPECT_EQ(*world_.vault->Read(second), "alice again");
}

TEST_F(ImageJanitorTest, AnImageThatIsCurrentAgainStays) {
  options_.keep_replaced = absl::Hours(10);
  world_.Apply(Available(kAlice, "2", 5));
  Tidy();
  world_.Apply(Available(kAlice, "1", 6));
  now_ += absl::Hours(9);
  Tidy();
  now_ += absl::Hours(9);
  EXPECT_EQ(Tidy().removed, 0u);
  EXPECT_EQ(*world_.vault->Read(alice_), "alice");
}

TEST_F(ImageJanitorTest, AHiddenPicturesImageGoesSoonAfterTheChange) {
  ImageJanitor janitor(*world_.stores.pictures, *world_.vault, options_);
  world_.Apply(Told(kAlice, v1::PICTURE_STATE_HIDDEN, 5));
  janitor.Wake();
  const absl::Time deadline = absl::Now() + kTestDeadline;
  while (world_.Blobs().size() > 1 && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_THAT(world_.Blobs(), ElementsAre(bob_.blob()));
}

TEST_F(ImageJanitorTest, BlobsWithoutAReferenceGo) {
  const std::string stray(kBlobNameDigits, 'a');
  const std::string folder = world_.folder.path() + "/images/aa/aa/";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + stray) << "left by a crash";
  EXPECT_EQ(Tidy().blobs_deleted, 1u);
  EXPECT_THAT(world_.Blobs(), SizeIs(2));
}

// Runs testing/crash_writer.cc for a while, and kills it.
void WriteAndKill(const std::string& folder, absl::Duration time) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t writer = fork();
  if (writer == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl(IMAGE_CRASH_WRITER, IMAGE_CRASH_WRITER, folder.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  char ready = 0;
  ASSERT_EQ(read(ends[0], &ready, 1), 1);  // it has begun
  absl::SleepFor(time);
  kill(writer, SIGKILL);
  int status = 0;
  waitpid(writer, &status, 0);
  close(ends[0]);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
}

TEST(ImageCrashTest, AfterAKillNoImageIsLostAndNoneIsLeftOver) {
  const TemporaryFolder folder;
  for (int round = 0; round < 6; ++round) {
    WriteAndKill(folder.path(), absl::Milliseconds(50 + RandomBelow(300)));
    Stores stores = *OpenRocksDbStores(folder.path() + "/store", {});
    auto blobs = OpenFolderBlobs({folder.path() + "/images", 0});
    const auto vault = ImageVault::Open(*stores.images, *std::move(blobs), {});
    ASSERT_TRUE(vault.ok()) << vault.status();
    ImageJanitorOptions options;
    options.first_round = absl::InfiniteDuration();
    ImageJanitor janitor(*stores.pictures, **vault, options);
    const ImageRound tidied = janitor.Tidy();
    ASSERT_TRUE(tidied.status.ok()) << tidied.status;
    std::set<std::string> referenced;
    std::string last;
    const auto images = (*vault)->index().List("", 100'000, &last);
    for (const StoredImage& image : *images) {
      EXPECT_TRUE((*vault)->Read(image).ok());
      referenced.insert(image.blob());
    }
    EXPECT_GT(referenced.size(), 0u);
    std::set<std::string> found;
    const auto again = OpenFolderBlobs({folder.path() + "/images", 0});
    const auto listed = (*again)->List("", 100'000);
    for (const std::string& blob : *listed) {
      const bool is_owners_mark = blob == std::string(64, '0');
      if (!is_owners_mark) found.insert(blob);
    }
    EXPECT_EQ(found, referenced);
  }
}

}  // namespace
}  // namespace portrait
