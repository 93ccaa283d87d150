// A temporary folder that is removed, with its content, at the end of the test.
#ifndef PORTRAIT_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define PORTRAIT_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "gtest/gtest.h"

namespace portrait {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "portrait_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace portrait

#endif  // PORTRAIT_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
