#include "core/access/audit_log.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/access/line_rates.h"
#include "core/base/files.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kAlice[] = "13105551234@s.whatsapp.net";
const Principal kAcme = {"acme-01", "acme"};
// The machine may be slow and shared, so deadlines are generous.

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    options_.file = path();
    options_.clock = [] { return absl::FromUnixMillis(1'800'000'000'123); };
  }
  std::string path(const std::string& suffix = "") const {
    return absl::StrCat(folder_.path(), "/audit.log", suffix);
  }
  std::unique_ptr<AuditLog> Open() {
    auto log = AuditLog::Open(*stores_.access, options_);
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }
  static std::vector<std::string> LinesOf(const std::string& file) {
    const auto content = ReadFile(file);
    if (!content.ok()) return {};
    return absl::StrSplit(*content, '\n', absl::SkipEmpty());
  }
  static void WriteNumber(AuditLog& log, int number) {
    log.Write("lookup", kAcme, {{"outcome", absl::StrCat(number)}});
  }
  static int NumberIn(absl::string_view line) {
    int number = -1;
    const size_t at = line.find("\"outcome\":\"");
    if (at == absl::string_view::npos) return number;
    line.remove_prefix(at + sizeof("\"outcome\":\"") - 1);
    EXPECT_TRUE(absl::SimpleAtoi(line.substr(0, line.find('"')), &number));
    return number;
  }

  const TemporaryFolder folder_;
  Stores stores_ = NewMemoryStores();
  AuditOptions options_;
};

TEST_F(AuditLogTest, ALineHasCallerContactTimeAndOutcome) {
  const auto log = Open();
  log->Write("lookup", kAcme,
             {{"contact", "00ff"}, {"outcome", "HIDDEN"}, {"source", ""}});
  ASSERT_TRUE(log->Flush(kTestDeadline));
  EXPECT_THAT(
      LinesOf(path()),
      ElementsAre("{\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":\"lookup\","
                  "\"tenant\":\"acme\",\"token\":\"acme-01\","
                  "\"contact\":\"00ff\",\"outcome\":\"HIDDEN\"}"));
  struct stat info = {};
  ASSERT_EQ(stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(AuditLogTest, ACallersTextCannotForgeALine) {
  const auto log = Open();
  log->Write("call", kAcme, {{"target", "a\"}\n{\"tenant\":\"b\\"}});
  ASSERT_TRUE(log->Flush(kTestDeadline));
  ASSERT_THAT(LinesOf(path()), SizeIs(1));
  EXPECT_THAT(LinesOf(path())[0],
              HasSubstr(R"("target":"a\"}\u000a{\"tenant\":\"b\\"})"));
}

TEST_F(AuditLogTest, AContactIsTheSameAfterARestartAndOnlyInThisStore) {
  const std::string id = Open()->ContactId(kAlice);
  EXPECT_THAT(id, SizeIs(32));
  EXPECT_THAT(id, Not(HasSubstr("310555")));
  EXPECT_EQ(Open()->ContactId(kAlice), id);
  EXPECT_NE(Open()->ContactId("4915112345678@s.whatsapp.net"), id);
  stores_ = NewMemoryStores();
  EXPECT_NE(Open()->ContactId(kAlice), id);
}

TEST_F(AuditLogTest, PendingLinesAreWrittenAtTheEnd) {
  {
    const auto log = Open();
    for (int i = 0; i < 1000; ++i) WriteNumber(*log, i);
  }
  EXPECT_THAT(LinesOf(path()), SizeIs(1000));
  // A restart appends to the file.
  WriteNumber(*Open(), 1000);
  EXPECT_EQ(NumberIn(LinesOf(path()).back()), 1000);
}

TEST_F(AuditLogTest, FullFilesAreRotatedAndTheOldestDeleted) {
  options_.max_bytes = 1000;
  options_.files = 3;
  {
    const auto log = Open();
    for (int i = 0; i < 200; ++i) WriteNumber(*log, i);
  }
  EXPECT_FALSE(fs::exists(path(".4")));
  int next = 199;
  for (const char* suffix : {"", ".1", ".2", ".3"}) {
    SCOPED_TRACE(suffix);
    EXPECT_LE(fs::file_size(path(suffix)), 1000u);
    const std::vector<std::string> lines = LinesOf(path(suffix));
    EXPECT_THAT(lines, Not(IsEmpty()));
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      EXPECT_EQ(NumberIn(*line), next--);
      EXPECT_TRUE(absl::EndsWith(*line, "}"));
    }
  }
}

TEST_F(AuditLogTest, ContinuesInANewFileIfTheOldFileWasMoved) {
  const auto log = Open();
  WriteNumber(*log, 1);
  ASSERT_TRUE(log->Flush(kTestDeadline));
  fs::rename(path(), path(".taken"));
  const absl::Time give_up = absl::Now() + kTestDeadline;
  while (!fs::exists(path()) && absl::Now() < give_up) {
    std::this_thread::yield();
  }
  WriteNumber(*log, 2);
  ASSERT_TRUE(log->Flush(kTestDeadline));
  EXPECT_THAT(LinesOf(path(".taken")), SizeIs(1));
  ASSERT_THAT(LinesOf(path()), SizeIs(1));
  EXPECT_EQ(NumberIn(LinesOf(path())[0]), 2);
}

// Simulates a full disk by a limit on the size of files.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
};

TEST_F(AuditLogTest, LinesLostToAFullDiskAreCountedAndReported) {
  constexpr int kLines = 1000;
  options_.max_waiting_bytes = 20'000;
  const auto log = Open();
  {
    const FileSizeLimit limit(5'000);
    // Writers do not block, however long the disk is full.
    for (int i = 0; i < kLines; ++i) WriteNumber(*log, i);
    EXPECT_GT(log->lost(), 0u);
  }
  ASSERT_TRUE(log->Flush(kTestDeadline));
  WriteNumber(*log, kLines);
  ASSERT_TRUE(log->Flush(kTestDeadline));
  const std::vector<std::string> lines = LinesOf(path());
  // Each line is there, in order, or counted by the gap line after it.
  int expected = 0;
  uint64_t told = 0;
  for (const std::string& line : lines) {
    ASSERT_TRUE(absl::StartsWith(line, "{") && absl::EndsWith(line, "}"))
        << line;
    const size_t at = line.find("\"event\":\"gap\",\"lost\":");
    if (at == std::string::npos) {
      EXPECT_EQ(NumberIn(line), expected++);
      continue;
    }
    int lost = 0;
    const std::string digits = line.substr(line.rfind(':') + 1);
    ASSERT_TRUE(absl::SimpleAtoi(digits.substr(0, digits.size() - 1), &lost));
    expected += lost;
    told += lost;
  }
  EXPECT_EQ(expected, kLines + 1);
  EXPECT_EQ(told, log->lost());
}

TEST_F(AuditLogTest, AnyNumberOfThreadsWriteWholeLines) {
  constexpr int kThreads = 4, kEach = 2000;
  options_.tenant_lines_per_second = 0;
  {
    const auto log = Open();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) WriteNumber(*log, i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const std::vector<std::string> lines = LinesOf(path());
  EXPECT_THAT(lines, SizeIs(kThreads * kEach));
  for (const std::string& line : lines) EXPECT_GE(NumberIn(line), 0) << line;
}

TEST_F(AuditLogTest, AnOldFileIsRotatedAtAnySize) {
  ManualClock clock(absl::Now());
  options_.clock = clock.clock();
  options_.max_age = absl::Hours(24);
  const auto log = Open();
  WriteNumber(*log, 1);
  ASSERT_TRUE(log->Flush(kTestDeadline));
  clock.Advance(absl::Hours(23));
  WriteNumber(*log, 2);
  ASSERT_TRUE(log->Flush(kTestDeadline));
  EXPECT_FALSE(fs::exists(path(".1")));
  clock.Advance(absl::Hours(2));
  const absl::Time give_up = absl::Now() + kTestDeadline;
  for (int i = 3; !fs::exists(path(".1")) && absl::Now() < give_up; ++i) {
    WriteNumber(*log, i);
    ASSERT_TRUE(log->Flush(kTestDeadline));
  }
  EXPECT_EQ(NumberIn(LinesOf(path(".1")).front()), 1);
}

TEST_F(AuditLogTest, ATenantThatWritesTooMuchLosesOnlyItsOwnLines) {
  options_.tenant_lines_per_second = 10;
  constexpr int kBurst = 600, kWritten = 5000;
  {
    const auto log = Open();
    log->Write("call", {"victim-1", "victim"}, {{"outcome", "1"}});
    for (int i = 0; i < kWritten; ++i) WriteNumber(*log, i);
    log->Write("call", {"victim-1", "victim"}, {{"outcome", "2"}});
    EXPECT_EQ(log->lost(), uint64_t{kWritten - kBurst});
  }
  int of_acme = 0, of_victim = 0, told = 0;
  for (const std::string& line : LinesOf(path())) {
    if (absl::StrContains(line, "\"event\":\"gap\"")) {
      EXPECT_THAT(line, HasSubstr("\"tenant\":\"acme\""));
      int lost = 0;
      const std::string digits = line.substr(line.rfind(':') + 1);
      ASSERT_TRUE(absl::SimpleAtoi(digits.substr(0, digits.size() - 1), &lost));
      told += lost;
    } else {
      ++(absl::StrContains(line, "victim") ? of_victim : of_acme);
    }
  }
  EXPECT_EQ(of_victim, 2);
  EXPECT_EQ(of_acme, kBurst);
  EXPECT_EQ(told, kWritten - kBurst);
}

TEST(LineRatesTest, AClockThatRanAheadDoesNotDelayLines) {
  LineRates rates(1);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 60; ++i) {
    EXPECT_TRUE(rates.Admit("acme", now + absl::Hours(72)));
  }
  EXPECT_FALSE(rates.Admit("acme", now + absl::Hours(72)));
  EXPECT_FALSE(rates.Admit("acme", now));
  EXPECT_TRUE(rates.Admit("acme", now + absl::Seconds(1)));
  EXPECT_THAT(rates.TakeLost(now), ElementsAre(Pair("acme", 2)));
  EXPECT_THAT(rates.TakeLost(now + absl::Hours(1)), IsEmpty());
}

TEST_F(AuditLogTest, EachLineIsAlsoWrittenToStandardOutput) {
  options_.copy = AuditOptions::Copy::kStdout;
  testing::internal::CaptureStdout();
  WriteNumber(*Open(), 7);
  const std::string copy = testing::internal::GetCapturedStdout();
  EXPECT_EQ(copy, *ReadFile(path()));
  EXPECT_EQ(NumberIn(copy), 7);
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsNamed) {
  options_.file = folder_.path() + "/missing/audit.log";
  const absl::Status status =
      AuditLog::Open(*stores_.access, options_).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(options_.file));
}

}  // namespace
}  // namespace portrait
