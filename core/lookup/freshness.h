// Decides whether a stored answer is fresh enough, or WhatsApp must be asked
// again.
#ifndef PORTRAIT_CORE_LOOKUP_FRESHNESS_H_
#define PORTRAIT_CORE_LOOKUP_FRESHNESS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/work/work_source.h"
#include "portrait/store/v1/store.pb.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// Default maximum ages by outcome, for callers that set none.
struct FreshnessOptions {
  absl::Duration available = absl::Hours(24);
  absl::Duration hidden = absl::Hours(24);
  absl::Duration not_set = absl::Hours(24);
  absl::Duration not_registered = absl::Hours(24);
  // A stored URL is returned only if it stays valid at least this much longer.
  absl::Duration min_url_life = absl::Minutes(5);
  // For this long after WhatsApp last explicitly reported HIDDEN or NOT_SET, a
  // usync answer without an id confirms the stored state.
  absl::Duration told_state_life = absl::Hours(24 * 7);
};

struct Wanted {
  v1::PictureSize size = v1::PICTURE_SIZE_FULL;
  std::optional<absl::Duration> max_age = std::nullopt;
  std::string existing_id = "";
  std::string session = "";
  // The caller's spelling; empty: use the record's.
  std::string phone_number = "";
  // A change up to this time is left out of the result.
  absl::Time changes_after = absl::InfinitePast();
  // Whether the result names the session that saw it.
  bool tells_session = true;
};

inline bool WantsFullUrl(const Wanted& wanted) {
  return wanted.size == v1::PICTURE_SIZE_UNSPECIFIED ||
         wanted.size == v1::PICTURE_SIZE_FULL ||
         wanted.size == v1::PICTURE_SIZE_BOTH;
}
inline bool WantsPreviewUrl(const Wanted& wanted) {
  return wanted.size == v1::PICTURE_SIZE_PREVIEW ||
         wanted.size == v1::PICTURE_SIZE_BOTH;
}

// `Record` is store::v1::ContactRecord, or a RecordView of one.

// The time when the stored URLs expire; InfiniteFuture if they have no expiry,
// InfinitePast if none is stored.
template <typename Record>
absl::Time FullUrlExpireTime(const Record& record);
template <typename Record>
absl::Time PreviewUrlExpireTime(const Record& record);

// Whether `record`, however old, has everything the caller asked for: a known
// state, and URLs that stay valid long enough.
template <typename Record>
bool IsComplete(const Record& record, const Wanted& wanted,
                const FreshnessOptions& options, absl::Time now);

// Whether `record` is complete and fresh enough for the caller.
template <typename Record>
bool IsFresh(const Record& record, const Wanted& wanted,
             const FreshnessOptions& options, absl::Time now);

// Sets the fields of `task` that say what to ask WhatsApp, given the stored
// record (null: none). The task's contact must be set; if the stored address is
// registered, it becomes the contact's first.
template <typename Record>
void FillNeeds(const Record* record, const Wanted& wanted,
               const FreshnessOptions& options, absl::Time now,
               ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FRESHNESS_H_
