// What goes wrong in the simulated network, as SimulatorService set it.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_FAULTS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_FAULTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "portrait/sim/v1/simulator.pb.h"

namespace portrait::sim {

// A protocol of usync that fails, in answers that are otherwise fine.
struct UsyncFault {
  std::string protocol;
  int code = 429;
  absl::Duration backoff;  // zero: none told
  bool per_user = false;   // in each <user>, else as a whole
};

// What picture queries are answered with.
struct PictureFault {
  int code = 0;            // 0: what is asked for
  absl::Duration backoff;  // zero: none told
  bool inside = false;     // in the <picture> of a result, else an iq error
};

struct Faults {
  absl::Duration latency;             // added to each answer
  absl::Duration latency_jitter;      // uniform on top
  double rate_limit_per_session = 0;  // queries/s before 429; 0: none
  double drop_probability = 0;        // no answer at all
  double error_probability = 0;       // 500 internal-server-error
  double disconnect_probability = 0;  // of the connection, at a query
  double malformed_probability = 0;   // an answer that is not valid
  uint32_t usync_users_limit = 0;     // 400 past this many; 0: none
  std::vector<UsyncFault> usync_faults;
  PictureFault picture_fault;
};

// Errors: INVALID_ARGUMENT naming the field that is negative or, for a
// probability, over 1.
absl::StatusOr<Faults> ParseFaults(const v1::SetFaultsRequest& request);

// Thread-safe.
class FaultPlan {
 public:
  void Set(const Faults& faults) {
    absl::MutexLock lock(&mu_);
    faults_ = faults;
  }
  Faults Get() const {
    absl::ReaderMutexLock lock(&mu_);
    return faults_;
  }

 private:
  mutable absl::Mutex mu_;
  Faults faults_ ABSL_GUARDED_BY(mu_);
};

// How long the next answer takes.
absl::Duration DrawLatency(const Faults& faults);
// True with that probability.
bool Draw(double probability);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_FAULTS_H_
