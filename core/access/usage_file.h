// UsageFile is a memory-mapped file of counters. An addition is in the kernel's
// page cache at once: it survives any end of the process and costs no system
// call. It does not survive a power cut, so UsageLedger copies the counters to
// the store every second.
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

// Numbers of lookups by their outcome. A value type.
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

  // Answered lookups, which count against the quota.
  uint64_t answered() const { return from_store + from_whatsapp; }
};

// One counter of the file. Written by one thread at a time; any thread may
// read.
struct alignas(128) UsageSlot {
  char key[80];  // empty: the slot is free
  std::atomic<uint64_t> from_store, from_whatsapp, failed;

  void Add(const UsageCounts& more);
  UsageCounts Read() const;
};

// Claim, Release and Used are thread-compatible.
class UsageFile {
 public:
  static constexpr size_t kSlots = 20'000;
  static constexpr size_t kMaxKeyBytes = sizeof(UsageSlot::key) - 1;

  // Makes the file (2.5 MB, mode 0600) if it is missing or has another format.
  //
  // Errors: UNAVAILABLE naming it.
  static absl::StatusOr<std::unique_ptr<UsageFile>> Open(
      const std::string& path);
  UsageFile(const UsageFile&) = delete;
  UsageFile& operator=(const UsageFile&) = delete;
  ~UsageFile();

  std::vector<UsageSlot*> Used();
  // Returns a slot with zero counters; null if all are in use. The key must
  // have 1 to kMaxKeyBytes bytes.
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
