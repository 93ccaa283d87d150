// The sandbox of the process that decodes pictures.
#ifndef PORTRAIT_CORE_IMAGE_SANDBOX_H_
#define PORTRAIT_CORE_IMAGE_SANDBOX_H_

#include <cstddef>

#include "absl/status/status.h"

namespace portrait {

// The memory that a helper may map, beside the program and its libraries. Two
// copies of the largest picture fit, and a progressive JPEG's coefficients.
inline constexpr size_t kHelperMemory = size_t{512} * 1024 * 1024;

// From here on this process may read from and write to open descriptors, take
// and return memory, and exit. The kernel ends it at any other system call, and
// when it maps more than kHelperMemory; it dumps no core. Cannot be undone. A
// build with a sanitizer sets no limits, because the sanitizer needs more.
//
// Errors: UNAVAILABLE if this kernel has no seccomp filters.
absl::Status EnterSandbox();

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_SANDBOX_H_
