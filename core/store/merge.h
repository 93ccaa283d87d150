// How an observation changes what is stored of a contact. Pure; every store
// merges by these rules.
#ifndef PORTRAIT_CORE_STORE_MERGE_H_
#define PORTRAIT_CORE_STORE_MERGE_H_

#include <optional>

#include "absl/time/time.h"
#include "core/store/observation.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

struct Merged {
  // False: the observation is older than the record and nothing was changed.
  bool applied = false;
  // Without its sequence, which is the store's to give.
  std::optional<Change> change;
};

// Whether `observation` is older than what `record` says. A record of after
// `now` was stored by a clock that ran ahead: nothing is older than that.
bool IsStale(const Observation& observation,
             const store::v1::ContactRecord& record,
             absl::Time now = absl::InfiniteFuture());

// Changes `record` to what `observation` tells. A record with nothing but its
// jid is a contact never seen. What was not learned stays.
//
// The change, by what was stored and what is now:
//
//   stored          AVAILABLE             HIDDEN      NOT_SET
//   nothing         FIRST_SEEN (*)        -           -
//   AVAILABLE       REPLACED if other id  HIDDEN      REMOVED
//   HIDDEN          UNHIDDEN              -           UNHIDDEN
//   NOT_SET         ADDED                 HIDDEN      -
//
// (*) ADDED when a picture was seen before the number left WhatsApp.
// HIDDEN and UNHIDDEN are told of every contact that starts or ceases to hide,
// also of one without a picture: then the ids are empty. Joining WhatsApp is
// REGISTERED and leaving it UNREGISTERED, whatever the picture does. In every
// change old_id is what was stored and new_id what is now.
//
// check_time moves when the observation answers for the picture: by a state, by
// NOT_REGISTERED, or by REGISTERED where no state is known. One that tells but
// a name or a LID must not make an old answer look fresh. What is outdated is
// so until then.
Merged Merge(const Observation& observation, store::v1::ContactRecord& record,
             absl::Time now = absl::InfiniteFuture());

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_MERGE_H_
