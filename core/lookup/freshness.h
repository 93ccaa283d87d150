// How old a stored answer may be before WhatsApp is asked again.
#ifndef PORTRAIT_CORE_LOOKUP_FRESHNESS_H_
#define PORTRAIT_CORE_LOOKUP_FRESHNESS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "core/work/work_source.h"
#include "portrait/store/v1/store.pb.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// Default ages by outcome, for callers that name none.
struct FreshnessOptions {
  absl::Duration available = absl::Hours(24);
  absl::Duration hidden = absl::Hours(24);
  absl::Duration not_set = absl::Hours(24);
  absl::Duration not_registered = absl::Hours(24);
  // A stored URL is given only when it lasts at least this much longer.
  absl::Duration min_url_life = absl::Minutes(5);
  // A stored HIDDEN or NOT_SET may be confirmed by a usync answer without an id
  // for this long after WhatsApp last told it in so many words.
  absl::Duration told_state_life = absl::Hours(24 * 7);
};

struct Wanted {
  v1::PictureSize size = v1::PICTURE_SIZE_FULL;
  std::optional<absl::Duration> max_age = std::nullopt;
  std::string existing_id = "";
  std::string session = "";
  // The caller's; empty: that of the record.
  std::string phone_number = "";
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

// When the stored URLs stop working; InfiniteFuture when they do not say,
// InfinitePast when there is none.
template <typename Record>
absl::Time FullUrlExpireTime(const Record& record);
template <typename Record>
absl::Time PreviewUrlExpireTime(const Record& record);

// Whether `record`, however old, has everything the caller asked for: it says
// how things stand, and the URLs wanted last long enough.
template <typename Record>
bool IsComplete(const Record& record, const Wanted& wanted,
                const FreshnessOptions& options, absl::Time now);

// Whether `record` answers the caller as it stands.
template <typename Record>
bool IsFresh(const Record& record, const Wanted& wanted,
             const FreshnessOptions& options, absl::Time now);

// Fills in what `task` needs of WhatsApp, given what is stored (null: nothing).
// Its contact is set; the address that is stored as registered becomes its
// first.
template <typename Record>
void FillNeeds(const Record* record, const Wanted& wanted,
               const FreshnessOptions& options, absl::Time now,
               ContactTask* task);

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_FRESHNESS_H_
