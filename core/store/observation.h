// What was seen at WhatsApp about one contact at one time: what sessions hand
// to the store, and the change it made there.
#ifndef PORTRAIT_CORE_STORE_OBSERVATION_H_
#define PORTRAIT_CORE_STORE_OBSERVATION_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "portrait/store/v1/store.pb.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// A picture URL and when it stops working (its own `oe`; InfiniteFuture when it
// does not say).
struct PictureUrl {
  std::string url;
  absl::Time expires_at = absl::InfiniteFuture();
};

// Each optional fact: nothing means "not learned, keep what is stored".
struct Observation {
  std::string jid;           // canonical, no device: the record's key
  std::string phone_number;  // E.164; empty: not learned
  std::string lid;           // "…@lid"; empty: not learned
  std::optional<v1::Registration> registration;

  // AVAILABLE (then `picture_id` is set), HIDDEN or NOT_SET; nothing when not
  // learned. NOT_REGISTERED clears the picture whatever stands here.
  std::optional<v1::PictureState> state;
  // True when WhatsApp told the state in so many words (a picture answer, an
  // error in usync); false when a usync answer merely had no id and the stored
  // HIDDEN or NOT_SET is taken as confirmed.
  bool state_is_told = true;
  std::string picture_id;
  // Of `picture_id`; nothing: keep those stored, if they are of the same id.
  std::optional<PictureUrl> full_url, preview_url;
  std::string direct_path, type, hash;  // with a URL; empty: not told

  std::optional<bool> is_business;
  std::optional<std::string> name;

  // WhatsApp sent it without a query. It updates stored contacts only: no
  // record is made of a contact that no caller has asked about.
  bool unasked = false;
  // Something of the contact changed, it was not said what: what is stored
  // stays, and is asked for again when it is next wanted.
  bool outdated = false;
  // The person took another number: the LID of this one is theirs no more.
  bool lost_lid = false;

  absl::Time observed_at;
  std::string session;  // which account saw it
  // PictureStore's forget_count() as of when somebody asked for this: what was
  // asked for before its contact was forgotten is not stored.
  uint64_t forget_count = std::numeric_limits<uint64_t>::max();
};

// One entry of the change log.
struct Change {
  uint64_t sequence = 0;  // 1, 2, …, given by the store
  std::string jid;
  std::string phone_number;
  v1::ChangeKind kind = v1::CHANGE_KIND_UNSPECIFIED;
  std::string old_id, new_id;
  absl::Time observed_at;
};

struct ApplyResult {
  store::v1::ContactRecord record;  // as stored now; only a jid: not stored
  std::optional<Change> change;     // nothing: no change
  // The contact objected: nothing is stored.
  bool suppressed = false;
  // Not 0: the same, because the contact was forgotten after this was asked
  // for; what is asked for at this forget_count is stored.
  uint64_t forgotten_at = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_OBSERVATION_H_
