// Interrupt converts Ctrl-C (SIGINT) and SIGTERM to a call on an ordinary
// thread, so that a command can stop cleanly. A second signal ends the program.
#ifndef PORTRAIT_CLIENT_CLI_INTERRUPT_H_
#define PORTRAIT_CLIENT_CLI_INTERRUPT_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace portrait::cli {

// Thread-safe. main makes it once, before any other thread, because threads
// inherit its signal mask; it exists as long as the process.
class Interrupt {
 public:
  // Also ignores SIGPIPE: a closed pipe is then an error of write().
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // While a Handler exists, `stop` is called when the user interrupts, or at
  // once if that has already happened. Only one may exist at a time. Its
  // destructor waits for a call under way.
  class Handler {
   public:
    Handler(Interrupt& interrupt, std::function<void()> stop);
    ~Handler();
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

   private:
    Interrupt& interrupt_;
  };

  bool interrupted() const;

 private:
  void Wait();

  mutable absl::Mutex mu_;
  bool interrupted_ ABSL_GUARDED_BY(mu_) = false;
  // Called under the lock, because the Handler's destructor must wait for the
  // call.
  std::function<void()> stop_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_INTERRUPT_H_
