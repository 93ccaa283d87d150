// Tests the store after its process was killed.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

// Runs crash_writer.cc on `folder`, with a pipe from one of its outputs.
class Writer {
 public:
  // If `backups` is not empty, the process also compacts the store and makes
  // backups in that folder.
  Writer(const std::string& folder, int output,
         const std::string& backups = "") {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], output);
      execl(CRASH_WRITER, CRASH_WRITER, folder.c_str(),
            backups.empty() ? nullptr : backups.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    read_end_ = ends[0];
  }
  ~Writer() {
    Kill();
    close(read_end_);
    waitpid(pid_, nullptr, 0);
  }

  void Kill() { kill(pid_, SIGKILL); }

  // Appends the process' new output to `text`; false at the end of the output.
  bool Read(std::string& text) {
    char buffer[4096];
    const ssize_t bytes = read(read_end_, buffer, sizeof(buffer));
    if (bytes <= 0) return false;
    text.append(buffer, static_cast<size_t>(bytes));
    return true;
  }

 private:
  pid_t pid_ = -1;
  int read_end_ = -1;
};

struct Told {
  int version = 0;
  uint64_t sequence = 0;
};

// Notes each contact's newest version that a complete line of `text` reports.
void Learn(const std::string& text, std::map<int, Told>& told) {
  std::istringstream lines(text.substr(0, text.rfind('\n') + 1));
  int contact = 0;
  Told each;
  while (lines >> contact >> each.version >> each.sequence) {
    told[contact] = each;
  }
}

std::vector<Change> AllChanges(PictureStore& store) {
  std::vector<Change> all;
  while (true) {
    auto page = store.ReadChanges(all.size(), 1000);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok() || page->empty()) return all;
    std::move(page->begin(), page->end(), std::back_inserter(all));
  }
}

// Expects that each reported version is stored exactly once, and that each
// record has all of its changes.
void ExpectWhole(const std::string& folder, const std::map<int, Told>& told) {
  auto stores = OpenRocksDbStores(folder, RocksDbOptions());
  ASSERT_TRUE(stores.ok()) << stores.status();
  PictureStore& store = *stores->pictures;

  const std::vector<Change> changes = AllChanges(store);
  EXPECT_EQ(store.last_sequence(), changes.size());
  std::map<std::string, int> versions;
  for (size_t i = 0; i < changes.size(); ++i) {
    ASSERT_EQ(changes[i].sequence, i + 1);
    const int version = ++versions[changes[i].jid];
    ASSERT_EQ(changes[i].new_id, absl::StrCat(version));
  }
  for (const auto& [contact, newest] : told) {
    const std::string jid = absl::StrCat(contact, "@s.whatsapp.net");
    SCOPED_TRACE(jid);
    ASSERT_LE(newest.sequence, changes.size());
    const Change& change = changes[newest.sequence - 1];
    EXPECT_EQ(change.jid, jid);
    EXPECT_EQ(change.new_id, absl::StrCat(newest.version));
  }
  for (const auto& [jid, version] : versions) {
    SCOPED_TRACE(jid);
    const std::string lid = absl::StrCat(jid.substr(0, jid.find('@')), "@lid");
    const std::vector<std::string> jids = {jid, lid};
    const auto contacts = store.Get(jids);
    ASSERT_TRUE(contacts.ok()) << contacts.status();
    for (const StoredContact& contact : *contacts) {
      ASSERT_TRUE(contact.record.has_value());
      EXPECT_EQ(contact.record->id(), absl::StrCat(version));
    }
    const auto history = store.ReadHistory(jid, 0, 1'000'000);
    ASSERT_TRUE(history.ok());
    EXPECT_EQ(history->size(), static_cast<size_t>(version));
  }
}

TEST(StoreCrashTest, NoAnswerIsLostWhenTheProcessIsKilled) {
  constexpr int kRounds = 10;
  constexpr size_t kMaxBytesTold = 20'000;
  constexpr int kMaxDelayMicros = 4000;
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const auto below = [&](size_t bound) { return random() % bound; };

  const TemporaryFolder folder;
  std::map<int, Told> told;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    Writer writer(folder.path(), STDOUT_FILENO);
    std::string text;
    const size_t enough = 1 + below(kMaxBytesTold);
    while (text.size() < enough) {
      ASSERT_TRUE(writer.Read(text)) << "the writer ended by itself";
    }
    // A random moment during the batches that follow.
    absl::SleepFor(absl::Microseconds(below(kMaxDelayMicros)));
    writer.Kill();
    while (writer.Read(text)) {
    }
    Learn(text, told);
    ExpectWhole(folder.path(), told);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_FALSE(told.empty());
}

TEST(StoreCrashTest, ABackupOrCompactionThatIsKilledDamagesNothing) {
  constexpr int kRounds = 6;
  std::mt19937 random(7);
  const TemporaryFolder folder;
  const std::string store = folder.path() + "/store";
  const std::string backups = folder.path() + "/backups";
  std::map<int, Told> told;
  size_t made = 0;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    Writer writer(store, STDOUT_FILENO, backups);
    std::string text;
    while (text.size() < 20'000) {
      ASSERT_TRUE(writer.Read(text)) << "the writer ended by itself";
    }
    absl::SleepFor(absl::Microseconds(random() % 200'000));
    writer.Kill();
    while (writer.Read(text)) {
    }
    Learn(text, told);
    ExpectWhole(store, told);
    if (testing::Test::HasFatalFailure()) return;
    // Each existing backup must be complete.
    auto stores = OpenRocksDbStores(store, RocksDbOptions());
    ASSERT_TRUE(stores.ok()) << stores.status();
    const auto report = stores->maintenance->VerifyBackups(backups);
    if (absl::IsNotFound(report.status())) continue;
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->damaged.empty());
    made += report->files;
    const auto next = stores->maintenance->CreateBackup(backups, /*keep=*/2);
    EXPECT_TRUE(next.ok()) << next.status();
  }
  EXPECT_GT(made, 0u);
}

TEST(StoreCrashTest, AnotherProcessGetsAnErrorThatTheStoreIsInUse) {
  const TemporaryFolder folder;
  const auto stores = OpenRocksDbStores(folder.path(), RocksDbOptions());
  ASSERT_TRUE(stores.ok());
  Writer writer(folder.path(), STDERR_FILENO);
  std::string text;
  while (writer.Read(text)) {
  }
  EXPECT_THAT(text, HasSubstr("FAILED_PRECONDITION"));
  EXPECT_THAT(text, HasSubstr("in use by another process"));
}

}  // namespace
}  // namespace portrait
