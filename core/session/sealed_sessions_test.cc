// Tests stored accounts if keys are lost, wrong or rotated.
#include "core/session/sealed_sessions.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/files.h"
#include "core/session/session_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A store that can be told to fail PutAll, like a full disk or a crash.
class StoppableStore final : public KeyValueStore {
 public:
  using Entry = std::pair<std::string, std::string>;
  bool is_stopped = false;
  bool is_shared_store = false;
  std::function<void()> on_scrub = [] {};

  absl::StatusOr<std::string> Get(absl::string_view key) override {
    return values_->Get(key);
  }
  absl::Status Put(absl::string_view key, absl::string_view value) override {
    return values_->Put(key, value);
  }
  absl::Status Delete(absl::string_view key) override {
    return values_->Delete(key);
  }
  absl::Status PutAll(absl::Span<const Entry> entries) override {
    if (is_stopped) return absl::UnavailableError("disk full");
    return values_->PutAll(entries);
  }
  absl::StatusOr<std::vector<Entry>> List(absl::string_view prefix) override {
    return values_->List(prefix);
  }
  bool is_shared() const override { return is_shared_store; }
  absl::Status Scrub() override {
    on_scrub();
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<KeyValueStore> values_ =
      std::move(NewMemoryStores().sessions);
};

class SealedSessionsTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SealedSessions>> Open() {
    return SealedSessions::Open(store_, key_file_);
  }
  std::unique_ptr<SealedSessions> OpenOrDie() {
    auto sessions = Open();
    EXPECT_TRUE(sessions.ok()) << sessions.status();
    return *std::move(sessions);
  }
  static Account NewAccount(const std::string& name) {
    Account account = {.name = name, .device = whatsapp::MakeDevice()};
    account.device.push_name = name;
    return account;
  }
  // Seals two accounts under a new key file.
  std::unique_ptr<SealedSessions> SealTwo() {
    auto sessions = OpenOrDie();
    for (const char* name : {"bob", "ada"}) {
      EXPECT_TRUE(sessions->Save(NewAccount(name)).ok());
    }
    return sessions;
  }
  static std::vector<std::string> NamesIn(SealedSessions& sessions) {
    std::vector<std::string> names;
    const auto accounts = sessions.LoadAll();
    EXPECT_TRUE(accounts.ok()) << accounts.status();
    if (!accounts.ok()) return names;
    for (const Account& account : *accounts) {
      EXPECT_EQ(account.name, account.device.push_name);
      names.push_back(account.name);
    }
    return names;
  }
  std::string KeyFileText() const { return *ReadFile(key_file_); }

  const TemporaryFolder folder_;
  const std::string key_file_ = folder_.path() + "/portrait.key";
  StoppableStore store_;
};

TEST_F(SealedSessionsTest, TheKeyFileIsCreatedOnceAndDecryptsTheAccounts) {
  SealTwo();
  const std::string key = KeyFileText();
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
  EXPECT_EQ(KeyFileText(), key);
}

TEST_F(SealedSessionsTest, AMissingKeyFileIsNotReplacedIfAccountsExist) {
  SealTwo();
  const auto stored = *store_.List("");
  std::filesystem::rename(key_file_, key_file_ + ".away");
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(key_file_), HasSubstr("is missing"),
                    HasSubstr("2 linked accounts")));
  EXPECT_FALSE(std::filesystem::exists(key_file_));
  EXPECT_EQ(*store_.List(""), stored);
  std::filesystem::rename(key_file_ + ".away", key_file_);
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
}

TEST_F(SealedSessionsTest, AWrongKeyIsReportedWithTheSessionAndTheFile) {
  SealTwo();
  const auto stored = *store_.List("");
  const std::string right = KeyFileText();
  ASSERT_TRUE(WriteKeyFile(key_file_, MakeSealKeys()).ok());
  const absl::Status status = OpenOrDie()->LoadAll().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("session ada"), HasSubstr(key_file_)));
  // A rotation does not accept the wrong key, either.
  EXPECT_FALSE(OpenOrDie()->RotateKey().ok());
  EXPECT_EQ(*store_.List(""), stored);
  ASSERT_TRUE(WriteFile(key_file_, right, S_IRUSR | S_IWUSR).ok());
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
}

TEST_F(SealedSessionsTest, ANewKeyTakesTheOldOnesPlace) {
  const auto sessions = SealTwo();
  const std::string old_key = KeyFileText();
  const auto old_records = *store_.List("");
  const auto rotated = sessions->RotateKey();
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(*rotated, 2u);
  EXPECT_NE(KeyFileText(), old_key);
  EXPECT_EQ(KeyFileText().size(), old_key.size());
  // Accounts saved later are sealed under the new key as well.
  EXPECT_TRUE(sessions->Save(NewAccount("eve")).ok());
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob", "eve"));

  const SealKeys old_keys = [&] {
    const std::string path = folder_.path() + "/old.key";
    EXPECT_TRUE(WriteFile(path, old_key, S_IRUSR | S_IWUSR).ok());
    return *ReadKeyFile(path);
  }();
  for (const auto& [name, record] : old_records) {
    EXPECT_TRUE(OpenSealed(old_keys, name, record).ok());
    EXPECT_FALSE(OpenSealed(old_keys, name, *store_.Get(name)).ok());
  }
}

// The steps of a rotation, and the state on disk after a crash in each.
TEST_F(SealedSessionsTest, ACrashAtAnyPointOfARotationLosesNothing) {
  SealTwo();
  const std::string old_key = KeyFileText();
  const auto old_records = *store_.List("");
  ASSERT_TRUE(OpenOrDie()->RotateKey().ok());
  const std::string new_key = KeyFileText();
  const auto new_records = *store_.List("");
  struct Case {
    const char* after;
    std::string key_file;
    std::vector<StoppableStore::Entry> records;
  };
  const Case cases[] = {
      {"nothing", old_key, old_records},
      {"both keys are in the file", new_key + old_key, old_records},
      {"the accounts are sealed again", new_key + old_key, new_records},
      {"all", new_key, new_records},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.after);
    ASSERT_TRUE(WriteFile(key_file_, each.key_file, S_IRUSR | S_IWUSR).ok());
    ASSERT_TRUE(store_.PutAll(each.records).ok());
    // The next start completes the rotation; the second start has nothing to
    // do.
    for (int start = 1; start <= 2; ++start) {
      EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
      EXPECT_EQ(KeyFileText().size(), new_key.size());
    }
  }
}

TEST_F(SealedSessionsTest, ARotationThatFailsCanBeRepeated) {
  const auto sessions = SealTwo();
  const std::string old_key = KeyFileText();
  // The disk takes the key file, but not the accounts.
  store_.is_stopped = true;
  for (size_t i = 0; i < 2 * kMaxSealKeys; ++i) {
    EXPECT_EQ(sessions->RotateKey().status().code(),
              absl::StatusCode::kUnavailable);
  }
  EXPECT_THAT(KeyFileText(), testing::EndsWith(old_key));
  EXPECT_TRUE(ReadKeyFile(key_file_).ok());
  EXPECT_THAT(NamesIn(*sessions), ElementsAre("ada", "bob"));
  store_.is_stopped = false;
  EXPECT_TRUE(sessions->RotateKey().ok());
  EXPECT_EQ(KeyFileText().size(), old_key.size());
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
}

TEST_F(SealedSessionsTest, AccountsAreSavedDuringARotation) {
  const auto sessions = SealTwo();
  std::future<absl::Status> saved;
  auto state = std::future_status::deferred;
  store_.on_scrub = [&] {
    saved = std::async(std::launch::async,
                       [&] { return sessions->Save(NewAccount("eve")); });
    state = saved.wait_for(absl::ToChronoSeconds(kTestDeadline));
  };
  EXPECT_TRUE(sessions->RotateKey().ok());
  EXPECT_EQ(state, std::future_status::ready);
  EXPECT_TRUE(saved.get().ok());
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob", "eve"));
}

TEST_F(SealedSessionsTest, AKeyThatOtherServersHaveIsNotReplaced) {
  const auto sessions = SealTwo();
  const std::string key = KeyFileText();
  store_.is_shared_store = true;
  EXPECT_EQ(sessions->RotateKey().status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(KeyFileText(), key);
}

TEST_F(SealedSessionsTest, AKeyFileThatCannotBeWrittenStopsARotation) {
  const auto sessions = SealTwo();
  const auto stored = *store_.List("");
  const std::string key = KeyFileText();
  std::filesystem::remove(key_file_);
  std::filesystem::create_directory(key_file_);
  EXPECT_FALSE(sessions->RotateKey().ok());
  EXPECT_EQ(*store_.List(""), stored);
  EXPECT_THAT(NamesIn(*sessions), ElementsAre("ada", "bob"));
  std::filesystem::remove(key_file_);
  ASSERT_TRUE(WriteFile(key_file_, key, S_IRUSR | S_IWUSR).ok());
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
}

// This is the state after restoring a backup that is older than the key.
TEST_F(SealedSessionsTest, AnOlderKeyAddedBelowOpensOlderAccounts) {
  SealTwo();
  const std::string old_key = KeyFileText();
  const auto old_records = *store_.List("");
  ASSERT_TRUE(OpenOrDie()->RotateKey().ok());
  const std::string new_key = KeyFileText();
  ASSERT_TRUE(store_.PutAll(old_records).ok());
  ASSERT_TRUE(WriteFile(key_file_, new_key + old_key, S_IRUSR | S_IWUSR).ok());
  EXPECT_THAT(NamesIn(*OpenOrDie()), ElementsAre("ada", "bob"));
  EXPECT_EQ(KeyFileText(), new_key);
}

}  // namespace
}  // namespace portrait
