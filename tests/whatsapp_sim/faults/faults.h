// The faults of the simulated network, as set over SimulatorService.
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

// A usync protocol that fails within otherwise successful answers.
struct UsyncFault {
  std::string protocol;
  int code = 429;
  absl::Duration backoff;  // zero: none in the answer
  bool per_user = false;   // in each <user>; otherwise for the whole protocol
};

// The failure of picture queries.
struct PictureFault {
  int code = 0;            // 0: no failure
  absl::Duration backoff;  // zero: none in the answer
  bool inside = false;  // in the <picture> of a result; otherwise an iq error
};

struct Faults {
  absl::Duration latency;         // added to each answer
  absl::Duration latency_jitter;  // uniform, added to latency
  // Queries per second before 429; 0: no limit.
  double rate_limit_per_session = 0;
  double drop_probability = 0;        // no answer at all
  double error_probability = 0;       // 500 internal-server-error
  double disconnect_probability = 0;  // the connection ends at a query
  double malformed_probability = 0;   // an invalid answer
  uint32_t usync_users_limit = 0;     // 400 if a query has more; 0: no limit
  std::vector<UsyncFault> usync_faults;
  PictureFault picture_fault;
};

// Errors: INVALID_ARGUMENT naming a field that is negative or, for a
// probability, above 1.
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

// The latency of the next answer.
absl::Duration DrawLatency(const Faults& faults);
// Returns true with that probability.
bool Draw(double probability);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_FAULTS_FAULTS_H_
