#include "core/image/image_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/image/sandbox.h"
#include "core/image/testing/test_image.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

constexpr char kAttemptArgument[] = "--attempt=";

// An attempt of a decoder that was taken over. Returns whether it worked.
bool Attempt(absl::string_view deed) {
  if (deed == "nothing") return true;
  if (deed == "open") return open("/etc/hostname", O_RDONLY) >= 0;
  if (deed == "connect") return socket(AF_INET, SOCK_STREAM, 0) >= 0;
  if (deed == "fork") return fork() >= 0;
  if (deed == "signal") return kill(getppid(), 0) == 0;
  const int protection =
      deed == "execute" ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE;
  const size_t size = deed == "execute" ? 4096 : 2 * kHelperMemory;
  return mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

// The wait status of a process that enters the sandbox and tries `deed`.
int OutcomeOf(const std::string& deed) {
  std::string program = "/proc/self/exe";
  std::string argument = absl::StrCat(kAttemptArgument, deed);
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t process = 0;
  EXPECT_EQ(0, posix_spawn(&process, program.c_str(), nullptr, nullptr,
                           arguments, environ));
  int status = 0;
  EXPECT_EQ(process, waitpid(process, &status, 0));
  return status;
}

// A helper that runs `command` in place of decoding.
std::string FakeHelper(const TemporaryFolder& folder,
                       const std::string& command) {
  const std::string path = absl::StrCat(folder.path(), "/helper");
  std::ofstream(path) << "#!/bin/sh\n" << command << "\n";
  chmod(path.c_str(), S_IRWXU);
  return path;
}

TEST(ImageReaderTest, ReadsInAChildWhatReadImageReadsHere) {
  ImageReader reader({});
  for (const char* name : {"photo0.jpg", "ink.jpg", "palette.png", "lossy.webp",
                           "person.jpg", "blank.png"}) {
    SCOPED_TRACE(name);
    const std::string bytes = TestImage(name);
    const auto expected = ReadImage(bytes, ImageLimits());
    ASSERT_TRUE(expected.ok());
    const auto facts = reader.Read(bytes);
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ(expected->sha256, facts->sha256);
    EXPECT_EQ(expected->format, facts->format);
    EXPECT_EQ(expected->width, facts->width);
    EXPECT_EQ(expected->height, facts->height);
    EXPECT_EQ(expected->phash, facts->phash);
    EXPECT_EQ(expected->dhash, facts->dhash);
    EXPECT_EQ(expected->look, facts->look);
    const auto thumbnail = reader.Thumbnail(bytes, kSmallThumbnail);
    ASSERT_TRUE(thumbnail.ok()) << thumbnail.status();
    EXPECT_EQ(*MakeThumbnail(bytes, kSmallThumbnail, ImageLimits()),
              *thumbnail);
  }
}

TEST(ImageReaderTest, GivesThePixelsOfAThumbnail) {
  ImageReader reader({});
  for (const char* name : {"photo1.jpg", "grey.png", "small.jpg"}) {
    const std::string bytes = TestImage(name);
    const auto expected = ShrinkImage(bytes, kSmallThumbnail, ImageLimits());
    const auto pixels = reader.Shrink(bytes, kSmallThumbnail);
    ASSERT_TRUE(pixels.ok()) << pixels.status();
    EXPECT_EQ(expected->width, pixels->width);
    EXPECT_EQ(expected->height, pixels->height);
    EXPECT_EQ(expected->channels, pixels->channels);
    EXPECT_EQ(expected->bytes, pixels->bytes);
  }
}

TEST(ImageReaderTest, PassesOnTheErrorsOfReadImage) {
  ImageReader reader({});
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Read("GIF89a").status()));
  const std::string half = TestImage("photo0.jpg").substr(0, 9000);
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Read(half).status()));
  ImageReaderOptions few;
  few.limits.max_pixels = 1000;
  EXPECT_TRUE(absl::IsOutOfRange(
      ImageReader(few).Read(TestImage("photo0.jpg")).status()));
  few.limits.max_bytes = 1000;
  EXPECT_TRUE(absl::IsOutOfRange(
      ImageReader(few).Read(TestImage("photo0.jpg")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Thumbnail(half, 4096).status()));
}

TEST(ImageReaderTest, APictureThatEndsItsHelperIsRefusedAndTheNextOneIsRead) {
  TemporaryFolder folder;
  ImageReaderOptions options;
  options.program = FakeHelper(folder, "kill -9 $$");
  ImageReader reader(options);
  const std::string bytes = TestImage("photo1.jpg");
  const auto facts = reader.Read(bytes);
  EXPECT_TRUE(absl::IsInvalidArgument(facts.status())) << facts.status();
  FakeHelper(folder, "exec /proc/self/exe 2>&1");  // another way to end
  EXPECT_FALSE(reader.Read(bytes).ok());
}

TEST(ImageReaderTest, KillsAHelperThatTakesTooLong) {
  TemporaryFolder folder;
  ImageReaderOptions options;
  options.program = FakeHelper(folder, "exec sleep 600");
  options.timeout = absl::Milliseconds(50);
  ImageReader reader(options);
  const auto facts = reader.Read(TestImage("photo1.jpg"));
  EXPECT_TRUE(absl::IsInvalidArgument(facts.status()));
  EXPECT_THAT(facts.status().message(), HasSubstr("too long"));
}

TEST(ImageReaderTest, DoesNotBelieveAHelperThatWasTakenOver) {
  TemporaryFolder folder;
  ImageReaderOptions options;
  // OK, but 4 GiB; OK, but 3 bytes of facts; OK, with a side of 0 pixels.
  for (const char* answer :
       {R"(\0\0\0\0\377\377\377\377)", R"(\0\0\0\0\3\0\0\0abc)",
        R"(\0\0\0\0\31\0\0\0aaaaaaaaaaaaaaaaaaaaaaaaa)"}) {
    options.program =
        FakeHelper(folder, absl::StrCat("printf '", answer, "' >&0; sleep 9"));
    const auto facts = ImageReader(options).Read(TestImage("photo1.jpg"));
    EXPECT_TRUE(absl::IsInvalidArgument(facts.status())) << facts.status();
    const auto pixels =
        ImageReader(options).Shrink(TestImage("photo1.jpg"), kSmallThumbnail);
    EXPECT_TRUE(absl::IsInvalidArgument(pixels.status())) << pixels.status();
  }
}

TEST(ImageReaderTest, SaysWhenNoHelperCanBeStarted) {
  ImageReaderOptions options;
  options.program = "/nonexistent";
  ImageReader reader(options);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(
        absl::IsUnavailable(reader.Read(TestImage("photo1.jpg")).status()));
  }
}

TEST(ImageReaderTest, ServesMoreThreadsThanHelpersAndReplacesHelpers) {
  ImageReaderOptions options;
  options.pictures_per_helper = 3;
  ImageReader reader(options);
  const std::string bytes = TestImage("photo2.jpg");
  std::vector<std::thread> threads;
  for (int t = 0; t < 5; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) EXPECT_TRUE(reader.Read(bytes).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SandboxTest, TheKernelEndsAProcessThatTriesAnythingElse) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a build with a sanitizer has no sandbox";
#endif
  EXPECT_EQ(0, OutcomeOf("nothing"));
  for (const char* deed : {"open", "connect", "fork", "signal", "execute"}) {
    SCOPED_TRACE(deed);
    const int status = OutcomeOf(deed);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << status;
  }
  const int too_much_memory = OutcomeOf("allocate");
  EXPECT_TRUE(WIFEXITED(too_much_memory));
  EXPECT_EQ(1, WEXITSTATUS(too_much_memory));
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  portrait::RunImageHelperIfAsked(argc, argv);
  absl::string_view first = argc == 2 ? argv[1] : "";
  if (absl::ConsumePrefix(&first, portrait::kAttemptArgument)) {
    if (!portrait::EnterSandbox().ok()) return 2;
    _exit(portrait::Attempt(first) ? 0 : 1);
  }
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
