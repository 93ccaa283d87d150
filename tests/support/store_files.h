// Inspects and damages the files of a store.
#ifndef PORTRAIT_TESTS_SUPPORT_STORE_FILES_H_
#define PORTRAIT_TESTS_SUPPORT_STORE_FILES_H_

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rocksdb/sst_file_reader.h"

namespace portrait {

// The uncompressed entries of a table file.
inline std::string EntriesOf(const std::string& table) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  EXPECT_TRUE(reader.Open(table).ok());
  std::string entries;
  const std::unique_ptr<rocksdb::Iterator> entry(
      reader.NewIterator(rocksdb::ReadOptions()));
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    absl::StrAppend(&entries, entry->key().ToString(), " ",
                    entry->value().ToString(), "\n");
  }
  EXPECT_TRUE(entry->status().ok());
  return entries;
}

// The names of the files in `folder` that contain `bytes`.
inline std::vector<std::string> FilesWith(const std::string& folder,
                                          const std::string& bytes) {
  std::vector<std::string> names;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    std::ifstream stream(file.path(), std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    if (file.path().extension() == ".sst") content << EntriesOf(file.path());
    if (absl::StrContains(content.str(), bytes)) {
      names.push_back(file.path().filename());
    }
  }
  return names;
}

// Damages a file by changing one byte.
inline void FlipByte(const std::string& file, std::streamoff at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(at);
  const char byte = static_cast<char>(stream.get() ^ 0x55);
  stream.seekp(at);
  stream.put(byte);
  ASSERT_TRUE(stream.good()) << file;
}

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_STORE_FILES_H_
