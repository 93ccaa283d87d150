// The rows that wait for their results, in the list's order.
#ifndef PORTRAIT_CLIENT_CLI_PENDING_ROWS_H_
#define PORTRAIT_CLIENT_CLI_PENDING_ROWS_H_

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace portrait::cli {

struct PendingRow {
  std::string contact;  // as written in the list
  std::string record;   // the part of the output record from the caller's cells
  std::string refusal = {};  // the reason why it was not sent

  size_t size_bytes() const {
    return contact.size() + record.size() + refusal.size();
  }
};

// Thread-safe.
class PendingRows {
 public:
  // Holds at most `max_bytes`, but always at least one row.
  explicit PendingRows(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Waits until there is room. Returns false once closed.
  bool Push(PendingRow row) {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(this, &PendingRows::HasRoom));
    if (closed_) return false;
    bytes_ += row.size_bytes();
    rows_.push_back(std::move(row));
    return true;
  }

  // Removes and returns the oldest row, which must exist.
  PendingRow Pop() {
    absl::MutexLock lock(&mu_);
    PendingRow row = std::move(rows_.front());
    rows_.pop_front();
    bytes_ -= row.size_bytes();
    return row;
  }

  void Close() {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }

 private:
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return closed_ || rows_.empty() || bytes_ < max_bytes_;
  }

  const size_t max_bytes_;
  absl::Mutex mu_;
  std::deque<PendingRow> rows_ ABSL_GUARDED_BY(mu_);
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_PENDING_ROWS_H_
