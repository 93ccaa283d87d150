// An observation of one contact at WhatsApp, which sessions pass to the store,
// and the change that it made there.
#ifndef PORTRAIT_CORE_STORE_OBSERVATION_H_
#define PORTRAIT_CORE_STORE_OBSERVATION_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "portrait/store/v1/store.pb.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// A picture URL and its expiry (the URL's own `oe`; InfiniteFuture if the URL
// has none).
struct PictureUrl {
  std::string url;
  absl::Time expires_at = absl::InfiniteFuture();
};

// A tenant that asked for an observation.
struct Asker {
  uint32_t tenant = 0;  // its number; 0: none, no record is tied to it
  // PictureStore's forget_count() as of when it asked.
  uint64_t forget_count = std::numeric_limits<uint64_t>::max();
};
using Askers = absl::InlinedVector<Asker, 1>;

// When a contact was forgotten, as a value of forget_count().
struct ForgottenTime {
  uint64_t count = 0;  // 0: never
  // It is not certain that it was this contact: the memory of forgotten
  // contacts was full, and `count` is the time of the newest entry it lost.
  bool is_doubtful = false;
};

// A tenant that forgot the contact after it had asked for an observation.
struct ForgottenAsker {
  uint32_t tenant = 0;
  ForgottenTime time;
};

// An optional fact without a value was not learned; the stored value stays.
struct Observation {
  std::string jid;           // canonical, no device: the record's key
  std::string phone_number;  // E.164; empty: not learned
  std::string lid;           // "…@lid"; empty: not learned
  std::optional<v1::Registration> registration;

  // AVAILABLE (then `picture_id` is set), HIDDEN or NOT_SET; nullopt if not
  // learned. NOT_REGISTERED clears the picture whatever the value is.
  std::optional<v1::PictureState> state;
  // True if WhatsApp reported the state explicitly (a picture answer, or an
  // error in usync). False if a usync answer merely had no id, which confirms a
  // stored HIDDEN or NOT_SET.
  bool state_is_told = true;
  std::string picture_id;
  // The URLs of `picture_id`; nullopt: keep the stored URLs of the same id.
  std::optional<PictureUrl> full_url, preview_url;
  // Set together with a URL; empty: not learned.
  std::string direct_path, type, hash;

  std::optional<bool> is_business;
  std::optional<std::string> name;

  // WhatsApp sent the observation without a query. It updates stored contacts
  // only: no record is made of a contact that no caller has asked about.
  bool unasked = false;
  // WhatsApp said that the contact changed, but not how. The stored record
  // stays, and WhatsApp is asked again when a caller next wants the contact.
  bool outdated = false;
  // The person changed their number, so this contact no longer has the LID.
  bool lost_lid = false;

  absl::Time observed_at;
  std::string session;  // the name of the session that saw it
  // PictureStore's forget_count() when a caller requested this observation. An
  // observation requested before its contact was forgotten is not stored.
  uint64_t forget_count = std::numeric_limits<uint64_t>::max();
  // The record is tied to these tenants, but not to a tenant that has forgotten
  // the contact since it asked. If every tenant has, nothing is stored. If the
  // list is empty, forget_count decides.
  Askers askers = {};
};

// One entry of the change log.
struct Change {
  uint64_t sequence = 0;  // 1, 2, …, assigned by the store
  std::string jid;
  std::string phone_number;
  v1::ChangeKind kind = v1::CHANGE_KIND_UNSPECIFIED;
  std::string old_id, new_id;
  absl::Time observed_at;
};

struct ApplyResult {
  // As stored now; only the jid is set if nothing is stored.
  store::v1::ContactRecord record;
  std::optional<Change> change;  // nullopt: no change
  // The contact has objected, so nothing is stored.
  bool suppressed = false;
  // The askers that have forgotten the contact since they asked. The record is
  // not tied to them, and they must not receive the answer.
  std::vector<ForgottenAsker> forgotten_askers;
  // If its count is not 0, nothing was stored, because the contact was
  // forgotten after the observation was requested: for all tenants, or by each
  // asker. A new request must have this forget_count.
  ForgottenTime forgotten;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_OBSERVATION_H_
