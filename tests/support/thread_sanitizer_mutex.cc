// Annotates absl::Mutex, absl::CondVar and absl::Notification for
// ThreadSanitizer.
//
// Debian's Abseil is built without ThreadSanitizer, which therefore does not
// see that these locks order anything, and reports each variable that one
// guards. In the tsan preset this library stands before Abseil's: it calls
// Abseil's function and reports to ThreadSanitizer that the lock was acquired
// or released. Calls from gRPC's library arrive here, too.
//
// While Abseil unlocks or waits, it evaluates the conditions of other waiters
// with the lock held. ThreadSanitizer was already told of the release by then,
// so reads are ignored until Abseil's function returns.
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdlib>

extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);

#define PORTRAIT_TEXT(name) PORTRAIT_TEXT_OF(name)
#define PORTRAIT_TEXT_OF(name) #name
// The start of the mangled name of Abseil's members: its namespace has the
// length of the inline namespace in it, which is `debian` and one digit.
#define PORTRAIT_ABSL \
  "_ZN4absl7" PORTRAIT_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME)
#define PORTRAIT_MUTEX PORTRAIT_ABSL "5Mutex"
#define PORTRAIT_CONDVAR PORTRAIT_ABSL "7CondVar"
#define PORTRAIT_NOTIFICATION PORTRAIT_ABSL "12Notification"
#define PORTRAIT_CONST_NOTIFICATION \
  "_ZNK4absl7" PORTRAIT_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME) "12Notificati" \
                                                                "on"

namespace {

// The function of this mangled name in the libraries that follow this one.
template <typename Function>
Function* Next(const char* name) {
  void* function = dlsym(RTLD_NEXT, name);
  if (function == nullptr) std::abort();
  return reinterpret_cast<Function*>(function);
}

// Tells that `lock` is released for the time of a call that waits, and acquired
// when it returns.
class Waiting {
 public:
  explicit Waiting(void* lock) : lock_(lock) {
    __tsan_release(lock_);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    __tsan_acquire(lock_);
  }

 private:
  void* lock_;
};

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

#define PORTRAIT_ACQUIRES(method, mangled)                                \
  void Mutex::method() {                                                  \
    static auto* const next = Next<void(Mutex*)>(PORTRAIT_MUTEX mangled); \
    next(this);                                                           \
    __tsan_acquire(this);                                                 \
  }
PORTRAIT_ACQUIRES(Lock, "4LockEv")
PORTRAIT_ACQUIRES(ReaderLock, "10ReaderLockEv")

#define PORTRAIT_RELEASES(method, mangled)                                \
  void Mutex::method() {                                                  \
    static auto* const next = Next<void(Mutex*)>(PORTRAIT_MUTEX mangled); \
    __tsan_release(this);                                                 \
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);                         \
    next(this);                                                           \
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);                           \
  }
PORTRAIT_RELEASES(Unlock, "6UnlockEv")
PORTRAIT_RELEASES(ReaderUnlock, "12ReaderUnlockEv")

#define PORTRAIT_TRIES(method, mangled)                                   \
  bool Mutex::method() {                                                  \
    static auto* const next = Next<bool(Mutex*)>(PORTRAIT_MUTEX mangled); \
    const bool acquired = next(this);                                     \
    if (acquired) __tsan_acquire(this);                                   \
    return acquired;                                                      \
  }
PORTRAIT_TRIES(TryLock, "7TryLockEv")
PORTRAIT_TRIES(ReaderTryLock, "13ReaderTryLockEv")

#define PORTRAIT_WAITS(method, mangled)                               \
  void Mutex::method(const Condition& condition) {                    \
    static auto* const next =                                         \
        Next<void(Mutex*, const Condition&)>(PORTRAIT_MUTEX mangled); \
    const Waiting waiting(this);                                      \
    next(this, condition);                                            \
  }
PORTRAIT_WAITS(Await, "5AwaitERKNS0_9ConditionE")
PORTRAIT_WAITS(LockWhen, "8LockWhenERKNS0_9ConditionE")
PORTRAIT_WAITS(ReaderLockWhen, "14ReaderLockWhenERKNS0_9ConditionE")

#define PORTRAIT_WAITS_UNTIL(method, Limit, mangled)                         \
  bool Mutex::method(const Condition& condition, Limit limit) {              \
    static auto* const next =                                                \
        Next<bool(Mutex*, const Condition&, Limit)>(PORTRAIT_MUTEX mangled); \
    const Waiting waiting(this);                                             \
    return next(this, condition, limit);                                     \
  }
PORTRAIT_WAITS_UNTIL(AwaitWithTimeout, Duration,
                     "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE")
PORTRAIT_WAITS_UNTIL(AwaitWithDeadline, Time,
                     "17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE")
PORTRAIT_WAITS_UNTIL(LockWhenWithTimeout, Duration,
                     "19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE")
PORTRAIT_WAITS_UNTIL(LockWhenWithDeadline, Time,
                     "20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE")

void CondVar::Wait(Mutex* mutex) {
  static auto* const next =
      Next<void(CondVar*, Mutex*)>(PORTRAIT_CONDVAR "4WaitEPNS0_5MutexE");
  const Waiting waiting(mutex);
  next(this, mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Duration)>(
      PORTRAIT_CONDVAR "15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  const Waiting waiting(mutex);
  return next(this, mutex, timeout);
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Time)>(
      PORTRAIT_CONDVAR "16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  const Waiting waiting(mutex);
  return next(this, mutex, deadline);
}

void Notification::Notify() {
  static auto* const next =
      Next<void(Notification*)>(PORTRAIT_NOTIFICATION "6NotifyEv");
  __tsan_release(this);
  next(this);
}

void Notification::WaitForNotification() const {
  static auto* const next = Next<void(const Notification*)>(
      PORTRAIT_CONST_NOTIFICATION "19WaitForNotificationEv");
  next(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const next = Next<bool(const Notification*, Duration)>(
      PORTRAIT_CONST_NOTIFICATION
      "30WaitForNotificationWithTimeoutENS0_8DurationE");
  const bool notified = next(this, timeout);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
