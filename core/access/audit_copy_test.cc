#include "core/access/audit_copy.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/audit_log.h"
#include "core/base/files.h"
#include "core/store/picture_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;

// The socket of a syslog daemon.
class SyslogDaemon {
 public:
  explicit SyslogDaemon(const std::string& path)
      : path_(path), socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                  path.c_str());
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address)),
              0);
    const timeval patience = absl::ToTimeval(kTestDeadline);
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~SyslogDaemon() {
    close(socket_);
    unlink(path_.c_str());
  }

  std::string Receive() {
    char buffer[4096];
    const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
    return size < 0 ? "nothing received" : std::string(buffer, size);
  }

 private:
  const std::string path_;
  const int socket_;
};

class AuditCopyTest : public testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::string socket_ = absl::StrCat(folder_.path(), "/log");
};

TEST_F(AuditCopyTest, EachLineOfTheLogIsAMessageToSyslog) {
  SyslogDaemon daemon(socket_);
  Stores stores = NewMemoryStores();
  AuditOptions options;
  options.file = absl::StrCat(folder_.path(), "/audit.log");
  options.copy = AuditOptions::Copy::kSyslog;
  options.syslog_socket = socket_;
  auto log = AuditLog::Open(*stores.access, options);
  ASSERT_TRUE(log.ok()) << log.status();
  const Principal caller = {"acme-01", "acme"};
  (*log)->Write("lookup", caller, {{"outcome", "HIDDEN"}});
  (*log)->Write("lookup", caller, {{"outcome", "AVAILABLE"}});
  const std::string first = daemon.Receive();
  const std::string second = daemon.Receive();
  // Facility authpriv (10), severity info (6).
  EXPECT_THAT(first, MatchesRegex("<86>[A-Z][a-z]{2} [ 0-9][0-9] "
                                  "[0-9:]{8} portraitd\\[[0-9]+\\]: "
                                  "\\{.*\"outcome\":\"HIDDEN\"\\}"));
  EXPECT_THAT(second, EndsWith("\"outcome\":\"AVAILABLE\"}"));
  ASSERT_TRUE((*log)->Flush(kTestDeadline));
  const auto file = ReadFile(options.file);
  ASSERT_TRUE(file.ok());
  const std::string line = first.substr(first.find('{'));
  EXPECT_TRUE(absl::StrContains(*file, line)) << "the file has the same line";
}

TEST_F(AuditCopyTest, ADaemonThatIsRestartedGetsTheNextLine) {
  AuditCopy copy(AuditCopy::To::kSyslog, socket_);
  copy.Write("no daemon yet\n");
  {
    SyslogDaemon daemon(socket_);
    copy.Write("1\n");
    EXPECT_THAT(daemon.Receive(), EndsWith(": 1"));
  }
  SyslogDaemon daemon(socket_);
  copy.Write("2\n3\n");
  EXPECT_THAT(daemon.Receive(), EndsWith(": 2"));
  EXPECT_THAT(daemon.Receive(), EndsWith(": 3"));
}

TEST_F(AuditCopyTest, ADaemonThatDoesNotReadDoesNotBlockTheLog) {
  SyslogDaemon daemon(socket_);
  AuditCopy copy(AuditCopy::To::kSyslog, socket_);
  // The kernel queues a few datagrams for a socket; the rest is lost.
  std::string lines;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&lines, i, "\n");
  copy.Write(lines);
  EXPECT_THAT(daemon.Receive(), EndsWith(": 0"));
}

}  // namespace
}  // namespace portrait
