// Tests stores with damaged files: each call must succeed or report the error,
// and the process must keep running.
#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/store_files.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;

class StoreDamageTest : public testing::Test {
 protected:
  // Writes contacts, so that tables and the log have entries of every family.
  void WriteStore() {
    auto stores = OpenRocksDbStores(whole(), RocksDbOptions());
    ASSERT_TRUE(stores.ok()) << stores.status();
    for (int i = 0; i < 200; ++i) {
      const std::vector<Observation> batch = {
          WithLid(Available(absl::StrCat(13105550000 + i, "@s.whatsapp.net"),
                            absl::StrCat(i), i),
                  absl::StrCat(100875997589000 + i, "@lid"))};
      ASSERT_TRUE(stores->pictures->Apply(batch).ok());
      if (i != 100) continue;
      ASSERT_TRUE(stores->maintenance->Compact().ok());
    }
    ASSERT_TRUE(stores->access->Put("token", "value").ok());
  }
  // Damages a random file of the copy: flips a byte, cuts off the end, or
  // removes the file.
  std::string Damage() {
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(copy())) {
      if (file.is_regular_file() && file.path().filename() != "LOCK") {
        files.push_back(file.path());
      }
    }
    std::sort(files.begin(), files.end());
    const fs::path& file = files[random_() % files.size()];
    const uintmax_t size = fs::file_size(file);
    const uint64_t at = size == 0 ? 0 : random_() % size;
    switch (random_() % 4) {
      case 0:
        fs::remove(file);
        return absl::StrCat("without ", file.filename().string());
      case 1:
        fs::resize_file(file, at);
        return absl::StrCat(file.filename().string(), " cut at ", at);
      default:
        if (size > 0) FlipByte(file, static_cast<std::streamoff>(at));
        return absl::StrCat(file.filename().string(), " flipped at ", at);
    }
  }
  // Calls everything that serves requests, on all parts that can be opened.
  // Returns whether any call reported an error.
  bool UseAll() {
    auto stores = OpenRocksDbStores(copy(), RocksDbOptions());
    if (!stores.ok()) return true;
    PictureStore& pictures = *stores->pictures;
    bool failed = false;
    const auto note = [&failed](const absl::Status& status) {
      failed |= !status.ok();
    };
    std::vector<std::string> jids;
    for (int i = 0; i < 200; ++i) {
      jids.push_back(absl::StrCat(13105550000 + i, "@s.whatsapp.net"));
    }
    note(pictures.Get(jids).status());
    note(pictures.ReadChanges(0, 1000).status());
    note(pictures.ReadHistory(jids[0], 0, 100).status());
    note(stores->access->List("").status());
    const std::vector<Observation> batch = {Available(jids[7], "new", 1000)};
    note(pictures.Apply(batch).status());
    note(pictures.Forget(jids[8], /*suppress=*/true).status());
    const auto report = stores->maintenance->Verify();
    note(report.status());
    failed |= report.ok() && !report->damaged.empty();
    note(stores->maintenance->Compact());
    return failed;
  }

  std::string whole() const { return folder_.path() + "/whole"; }
  std::string copy() const { return folder_.path() + "/copy"; }

  const TemporaryFolder folder_;
  std::mt19937_64 random_{20261129};
};

TEST_F(StoreDamageTest, NoDamageToAnyFileEndsTheProcess) {
  WriteStore();
  if (HasFatalFailure()) return;
  int noticed = 0;
  constexpr int kStores = 40;
  for (int i = 0; i < kStores; ++i) {
    fs::remove_all(copy());
    fs::copy(whole(), copy());
    SCOPED_TRACE(Damage());
    noticed += UseAll() ? 1 : 0;
  }
  // In the other runs, the damaged file was RocksDB's own log or options file.
  EXPECT_GT(noticed, kStores / 4);
}

}  // namespace
}  // namespace portrait
