// OperationPump issues a stream's gRPC operations, one thread at a time.
#ifndef PORTRAIT_SERVER_OPERATION_PUMP_H_
#define PORTRAIT_SERVER_OPERATION_PUMP_H_

#include <atomic>
#include <functional>

#include "absl/functional/function_ref.h"

namespace portrait {

// A stream's events come from many threads: gRPC's, the store's, the sessions'.
// Each changes the stream's state under its lock and then calls Run, which asks
// `next` what the state calls for and performs it without any lock. As only one
// thread at a time performs operations, none can start after the one that
// finished the call.
//
// Thread-safe. The caller keeps the stream alive during Run: the operation that
// finishes a call lets gRPC drop it.
class OperationPump {
 public:
  using Operation = std::function<void()>;

  // Performs what `next` gives until it gives nothing. Returns at once when
  // another thread is in here: that one will ask `next` again.
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
  std::atomic<int> runs_ = 0;  // Run()s asked for and not yet seen to
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_OPERATION_PUMP_H_
