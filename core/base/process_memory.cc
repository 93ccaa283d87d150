#include "core/base/process_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

namespace portrait {

absl::Status ForbidMemoryDumps() {
  // The size limit alone does not stop the kernel from piping dumps to a
  // program.
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 ||
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::ErrnoToStatus(errno, "cannot turn core dumps off");
  }
  return absl::OkStatus();
}

}  // namespace portrait
