// The linked companion devices, one file each in the data folder, so that they
// can log in again after a restart of the simulator.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_COMPANIONS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_COMPANIONS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "simulator_state.pb.h"
#include "tests/whatsapp_sim/directory/companion.h"

namespace portrait::sim {

// Thread-safe.
class Companions {
 public:
  // Reads the companions in `folder`, which is made if it is missing.
  //
  // Errors: DATA_LOSS naming an unreadable file.
  static absl::StatusOr<std::unique_ptr<Companions>> Open(std::string folder);

  // Returns a device number that no companion of the account has, or had since
  // Open().
  //
  // Errors: RESOURCE_EXHAUSTED if all are in use.
  absl::StatusOr<uint32_t> AllotDevice(uint64_t number);

  // Errors: UNAVAILABLE if the file cannot be written; the companion is then
  // not linked.
  absl::StatusOr<std::shared_ptr<Companion>> Link(
      state::StoredCompanion companion);
  // Forgets the companion; later logins are refused.
  void Unlink(const Companion& companion);
  // Writes the companion's changes, unless it is no longer linked.
  absl::Status Save(const Companion& companion);

  // Returns null if there is none.
  std::shared_ptr<Companion> Find(uint64_t number, uint32_t device) const;
  std::vector<std::shared_ptr<Companion>> FindAll() const;
  std::vector<std::shared_ptr<Companion>> FindAllOf(uint64_t number) const;

 private:
  explicit Companions(std::string folder) : folder_(std::move(folder)) {}
  std::string PathOf(const Companion& companion) const;
  absl::Status Write(const Companion& companion)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(files_mu_);

  const std::string folder_;
  // Held while files are written or removed, so that the last write has the
  // newest state of a companion.
  absl::Mutex files_mu_ ABSL_ACQUIRED_BEFORE(mu_);

  mutable absl::Mutex mu_;
  // By number and device.
  std::map<std::pair<uint64_t, uint32_t>, std::shared_ptr<Companion>>
      companions_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, uint32_t> last_device_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_COMPANIONS_H_
