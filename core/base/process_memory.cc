#include "core/base/process_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

namespace portrait {

absl::Status ForbidMemoryDumps() {
  // The limit alone does not stop a program that the kernel pipes dumps to.
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 ||
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::ErrnoToStatus(errno, "cannot turn core dumps off");
  }
  return absl::OkStatus();
}

}  // namespace portrait
