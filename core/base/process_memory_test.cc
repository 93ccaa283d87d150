#include "core/base/process_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "gtest/gtest.h"

namespace portrait {
namespace {

// The setting cannot be undone, so a child process applies it.
TEST(ProcessMemoryTest, ACrashLeavesNoCoreDump) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    rlimit limit = {};
    const bool forbidden = ForbidMemoryDumps().ok() &&
                           prctl(PR_GET_DUMPABLE) == 0 &&
                           getrlimit(RLIMIT_CORE, &limit) == 0 &&
                           limit.rlim_cur == 0 && limit.rlim_max == 0;
    if (!forbidden) _exit(1);
    std::abort();
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_FALSE(WCOREDUMP(status));
}

}  // namespace
}  // namespace portrait
