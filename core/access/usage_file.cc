#include "core/access/usage_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

constexpr char kMagic[16] = "portrait usage1";

absl::Status Failed(const std::string& path, absl::string_view what, int code) {
  return absl::UnavailableError(
      absl::StrCat("the usage counters in ", path, ": ", what, ": ",
                   std::generic_category().message(code)));
}

void Add(std::atomic<uint64_t>& counter, uint64_t more) {
  // There is one writer, so the addition need not be atomic.
  counter.store(counter.load(std::memory_order_relaxed) + more,
                std::memory_order_relaxed);
}

}  // namespace

struct UsageFile::Content {
  alignas(sizeof(UsageSlot)) char magic[sizeof(UsageSlot)];
  UsageSlot slots[kSlots];
};

void UsageSlot::Add(const UsageCounts& more) {
  portrait::Add(from_store, more.from_store);
  portrait::Add(from_whatsapp, more.from_whatsapp);
  portrait::Add(failed, more.failed);
}

UsageCounts UsageSlot::Read() const {
  return {from_store.load(std::memory_order_relaxed),
          from_whatsapp.load(std::memory_order_relaxed),
          failed.load(std::memory_order_relaxed)};
}

absl::StatusOr<std::unique_ptr<UsageFile>> UsageFile::Open(
    const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Failed(path, "opening the file", errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat before = {};
  if (fstat(fd, &before) != 0) return Failed(path, "opening the file", errno);
  // Allocate the whole file now: on a full disk, writing to an unallocated page
  // would end the process.
  if (const int code = posix_fallocate(fd, 0, sizeof(Content)); code != 0) {
    return Failed(path, "allocating the file", code);
  }
  void* const memory =
      mmap(nullptr, sizeof(Content), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return Failed(path, "mapping the file", errno);
  auto* const content = static_cast<Content*>(memory);
  if (std::memcmp(content->magic, kMagic, sizeof(kMagic)) != 0) {
    if (before.st_size > 0) {
      LogWarning(
          "access: {} is not a file of usage counters; creating a new one",
          path);
    }
    std::memset(memory, 0, sizeof(Content));
    std::memcpy(content->magic, kMagic, sizeof(kMagic));
  }
  return std::unique_ptr<UsageFile>(new UsageFile(content));
}

UsageFile::UsageFile(Content* content) : content_(content) {
  for (size_t i = kSlots; i-- > 0;) {
    UsageSlot& slot = content_->slots[i];
    slot.key[kMaxKeyBytes] = '\0';
    if (slot.key[0] == '\0') free_.push_back(&slot);
  }
}

UsageFile::~UsageFile() { munmap(content_, sizeof(Content)); }

std::vector<UsageSlot*> UsageFile::Used() {
  std::vector<UsageSlot*> used;
  for (UsageSlot& slot : content_->slots) {
    if (slot.key[0] != '\0') used.push_back(&slot);
  }
  return used;
}

UsageSlot* UsageFile::Claim(absl::string_view key) {
  if (free_.empty()) return nullptr;
  UsageSlot* const slot = free_.back();
  free_.pop_back();
  slot->from_store = slot->from_whatsapp = slot->failed = 0;
  // The first byte last, because it marks the slot as used.
  std::memset(slot->key, 0, sizeof(slot->key));
  std::memcpy(slot->key + 1, key.data() + 1, key.size() - 1);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  slot->key[0] = key[0];
  return slot;
}

void UsageFile::Release(UsageSlot* slot) {
  slot->key[0] = '\0';
  free_.push_back(slot);
}

}  // namespace portrait
