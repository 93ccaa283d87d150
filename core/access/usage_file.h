// UsageFile is a file of counters that is mapped into memory. What is added to
// one is the kernel's at once: it survives the process, whatever ends it, and
// costs no system call. It does not survive a power cut: UsageLedger copies it
// to the store every second.
//
//   ┌ magic, 16 bytes ┐ ┌ slot, 128 bytes ┐ ┌ slot ┐ …
//   slot: key, 80 bytes, zero-filled; three counters of 8 bytes; zeros
#ifndef PORTRAIT_CORE_ACCESS_USAGE_FILE_H_
#define PORTRAIT_CORE_ACCESS_USAGE_FILE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace portrait {

// What became of lookups. A value type.
struct UsageCounts {
  uint64_t from_store = 0;
  uint64_t from_whatsapp = 0;
  uint64_t failed = 0;

  bool operator==(const UsageCounts&) const = default;
  UsageCounts& operator+=(const UsageCounts& more) {
    from_store += more.from_store;
    from_whatsapp += more.from_whatsapp;
    failed += more.failed;
    return *this;
  }

  // Those that had an answer: what a quota is about.
  uint64_t answered() const { return from_store + from_whatsapp; }
};

// One counter of the file. Written by one thread at a time, read by any.
struct alignas(128) UsageSlot {
  char key[80];  // empty: free
  std::atomic<uint64_t> from_store, from_whatsapp, failed;

  void Add(const UsageCounts& more);
  UsageCounts Read() const;
};

// Claim, Release and Used: thread-compatible.
class UsageFile {
 public:
  static constexpr size_t kSlots = 20'000;
  static constexpr size_t kMaxKeyBytes = sizeof(UsageSlot::key) - 1;

  // Makes the file (2.5 MB, mode 0600) if there is none, or none of ours.
  //
  // Errors: UNAVAILABLE naming it.
  static absl::StatusOr<std::unique_ptr<UsageFile>> Open(
      const std::string& path);
  UsageFile(const UsageFile&) = delete;
  UsageFile& operator=(const UsageFile&) = delete;
  ~UsageFile();

  std::vector<UsageSlot*> Used();
  // A slot with counters at zero; null when all are in use. Requires a key that
  // is not empty, of kMaxKeyBytes at most.
  UsageSlot* Claim(absl::string_view key);
  void Release(UsageSlot* slot);

 private:
  struct Content;

  explicit UsageFile(Content* content);

  Content* const content_;
  std::vector<UsageSlot*> free_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_USAGE_FILE_H_
