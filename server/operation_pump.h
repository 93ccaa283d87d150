// OperationPump issues a stream's gRPC operations, one thread at a time.
#ifndef PORTRAIT_SERVER_OPERATION_PUMP_H_
#define PORTRAIT_SERVER_OPERATION_PUMP_H_

#include <atomic>
#include <functional>

#include "absl/functional/function_ref.h"

namespace portrait {

// Events of a stream come from many threads: gRPC's, the store's, the
// sessions'. Each event changes the stream's state under its lock and then
// calls Run, which asks `next` for the operation that the state requires and
// performs it without any lock. Only one thread at a time performs operations,
// so none can start after the operation that finished the call.
//
// Thread-safe. The caller keeps the stream alive during Run: the operation that
// finishes a call lets gRPC release it.
class OperationPump {
 public:
  using Operation = std::function<void()>;

  // Performs the operations that `next` returns, until it returns null. Returns
  // at once if another thread is in here: that thread will call `next` again.
  void Run(absl::FunctionRef<Operation()> next) {
    if (runs_.fetch_add(1) > 0) return;
    int seen = 1;
    do {
      while (Operation operation = next()) operation();
      const int before = runs_.fetch_sub(seen);
      seen = before - seen;
    } while (seen > 0);
  }

 private:
  std::atomic<int> runs_ = 0;  // Run() calls that have not been handled yet
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_OPERATION_PUMP_H_
