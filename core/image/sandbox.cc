#include "core/image/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "Add this processor's AUDIT_ARCH constant."
#endif

// System calls with any arguments.
constexpr int kAllowedCalls[] = {
    __NR_read,          __NR_write,  __NR_recvfrom,   __NR_sendto,
    __NR_brk,           __NR_munmap, __NR_mremap,     __NR_madvise,
    __NR_futex,         __NR_exit,   __NR_exit_group, __NR_rt_sigreturn,
    __NR_clock_gettime,
};
// Calls whose third argument is a protection: no executable memory.
constexpr int kProtectingCalls[] = {__NR_mmap, __NR_mprotect};

sock_filter Load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
sock_filter Return(uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}
// Skips the next instruction unless the loaded value is `value`.
sock_filter UnlessEqualSkipOne(uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

std::vector<sock_filter> Filter() {
  std::vector<sock_filter> filter = {
      Load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      Return(SECCOMP_RET_KILL_PROCESS),
      Load(offsetof(seccomp_data, nr)),
  };
  for (const int call : kAllowedCalls) {
    filter.push_back(UnlessEqualSkipOne(static_cast<uint32_t>(call)));
    filter.push_back(Return(SECCOMP_RET_ALLOW));
  }
  for (const int call : kProtectingCalls) {
    // The lower half of the argument: both processors are little-endian.
    filter.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 4));
    filter.push_back(Load(offsetof(seccomp_data, args[2])));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0));
    filter.push_back(Return(SECCOMP_RET_ALLOW));
    filter.push_back(Return(SECCOMP_RET_KILL_PROCESS));
  }
  filter.push_back(Return(SECCOMP_RET_KILL_PROCESS));
  return filter;
}

// The memory that is mapped now, in bytes; 0 if it cannot be read.
size_t MappedNow() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long pages = 0;  // NOLINT(google-runtime-int): the format's
  const bool read = std::fscanf(file, "%lu", &pages) == 1;
  std::fclose(file);
  return read ? pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

absl::Status Failed(absl::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("picture helper: ", what, ": ", std::strerror(errno)));
}

absl::Status SetLimit(__rlimit_resource resource, rlim_t value) {
  const rlimit limit = {value, value};
  return setrlimit(resource, &limit) == 0 ? absl::OkStatus()
                                          : Failed("setrlimit");
}

}  // namespace

absl::Status EnterSandbox() {
  if (kSanitized) return absl::OkStatus();
  const size_t mapped = MappedNow();
  for (const auto& [resource, value] :
       {std::pair<__rlimit_resource, rlim_t>{RLIMIT_AS, mapped + kHelperMemory},
        {RLIMIT_CORE, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_NOFILE, 0}}) {
    if (absl::Status set = SetLimit(resource, value); !set.ok()) return set;
  }
  std::vector<sock_filter> filter = Filter();
  const sock_fprog program = {static_cast<unsigned short>(filter.size()),
                              filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Failed("prctl");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return Failed("seccomp");
  }
  return absl::OkStatus();
}

}  // namespace portrait
