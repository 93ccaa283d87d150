// What keeps the process' memory, and so its keys, to itself.
#ifndef PORTRAIT_CORE_BASE_PROCESS_MEMORY_H_
#define PORTRAIT_CORE_BASE_PROCESS_MEMORY_H_

#include "absl/status/status.h"

namespace portrait {

// From here on the process leaves no core dump when it crashes, and other
// programs of its user can neither attach to it nor read its memory. For the
// start of main: it holds for children, too.
absl::Status ForbidMemoryDumps();

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_PROCESS_MEMORY_H_
