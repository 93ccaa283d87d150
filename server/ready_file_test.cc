#include "server/ready_file.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(ReadyFileTest, ExistsUntilItsObjectIsDestroyed) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/portraitd.json");
  {
    const auto ready =
        ReadyFile::Write(path, {"127.0.0.1:7700", "[::1]:1", "", "[::1]:2"});
    ASSERT_TRUE(ready.ok());
    EXPECT_EQ(
        *ReadFile(path),
        absl::StrCat("{\"listen\": \"127.0.0.1:7700\", \"pid\": ", getpid(),
                     ", \"metrics\": \"[::1]:1\", \"http\": \"[::1]:2\", "
                     "\"tls\": false}\n"));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ReadyFileTest, NamesTheCertificateOfAServerWithTls) {
  const TemporaryFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/portraitd.json");
  const auto ready =
      ReadyFile::Write(path, {"127.0.0.1:7700", "", "certs/a \"b\".pem", ""});
  ASSERT_TRUE(ready.ok());
  EXPECT_THAT(*ReadFile(path),
              HasSubstr(absl::StrCat("\"tls\": true, \"certificate\": \"",
                                     fs::current_path().string(),
                                     "/certs/a \\\"b\\\".pem\"}\n")));
}

}  // namespace
}  // namespace portrait
