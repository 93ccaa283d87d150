// Merges an observation into a contact's record. Pure functions; every store
// merges by these rules.
#ifndef PORTRAIT_CORE_STORE_MERGE_H_
#define PORTRAIT_CORE_STORE_MERGE_H_

#include <optional>

#include "absl/time/time.h"
#include "core/store/observation.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

struct Merged {
  // False if the observation is older than the record, which is then unchanged.
  bool applied = false;
  // The change without its sequence, which the store assigns.
  std::optional<Change> change;
};

// Whether `observation` is older than `record`. If the record's time is after
// `now`, a clock that ran ahead wrote it, and no observation counts as older.
bool IsStale(const Observation& observation,
             const store::v1::ContactRecord& record,
             absl::Time now = absl::InfiniteFuture());

// Changes `record` to the facts in `observation`. A record with only a jid is a
// contact never seen. Facts that were not learned stay as stored.
//
// The change, by the stored state (rows) and the new state (columns):
//
//   stored          AVAILABLE             HIDDEN      NOT_SET
//   nothing         FIRST_SEEN (*)        -           -
//   AVAILABLE       REPLACED if other id  HIDDEN      REMOVED
//   HIDDEN          UNHIDDEN              -           UNHIDDEN
//   NOT_SET         ADDED                 HIDDEN      -
//
// (*) ADDED if a picture was seen before the number left WhatsApp.
// HIDDEN and UNHIDDEN also occur for contacts without a picture; the ids are
// then empty. Joining WhatsApp is REGISTERED and leaving it UNREGISTERED,
// whatever happens to the picture. In every change old_id is the stored id and
// new_id the new one.
//
// check_time advances, and `outdated` is cleared, if the observation answers
// the picture question: by a state, by NOT_REGISTERED, or by REGISTERED if no
// state is known. A name or LID alone must not make an old answer look fresh.
Merged Merge(const Observation& observation, store::v1::ContactRecord& record,
             absl::Time now = absl::InfiniteFuture());

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_MERGE_H_
