// Protects the process' memory, and so its keys, from dumps and other
// processes.
#ifndef PORTRAIT_CORE_BASE_PROCESS_MEMORY_H_
#define PORTRAIT_CORE_BASE_PROCESS_MEMORY_H_

#include "absl/status/status.h"

namespace portrait {

// Disables core dumps of the process and forbids other programs of its user to
// attach to it or to read its memory. Call it at the start of main; child
// processes inherit the setting.
absl::Status ForbidMemoryDumps();

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_PROCESS_MEMORY_H_
