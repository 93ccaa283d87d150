// Janitor runs the store's periodic maintenance: it deletes changes past their
// retention, removes erased records from the disk's files, and resumes writing
// after the disk was full.
#ifndef PORTRAIT_CORE_STORE_JANITOR_H_
#define PORTRAIT_CORE_STORE_JANITOR_H_

#include <atomic>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "core/store/rocksdb_database.h"

namespace portrait {

// The longest time for which erased data, which no call returns, may remain in
// the disk's files.
inline constexpr absl::Duration kScrubDelay = absl::Hours(7 * 24);

// Thread-safe. Owns a thread.
class Janitor {
 public:
  explicit Janitor(std::shared_ptr<RocksDbDatabase> database);
  // Cancels the round under way and joins the thread.
  ~Janitor();

  // Runs one round; the thread does so every hour.
  absl::Status Tidy();

 private:
  void Run();
  // Advances the mark up to which the change log is past retention.
  absl::Status DeleteExpiredChanges();
  // Scrubs the disk if data was erased at least kScrubDelay ago.
  absl::Status ScrubIfDue();

  const std::shared_ptr<RocksDbDatabase> database_;
  std::atomic<bool> cancelled_ = false;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_JANITOR_H_
