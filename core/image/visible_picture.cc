#include "core/image/visible_picture.h"

#include "absl/strings/string_view.h"
#include "core/base/status_macros.h"

namespace portrait {

absl::StatusOr<std::vector<VisiblePicture>> VisiblePicturesOf(
    PictureStore& store, absl::Span<const std::string> jids) {
  const std::vector<absl::string_view> keys(jids.begin(), jids.end());
  std::vector<VisiblePicture> pictures(jids.size());
  absl::Status damaged;
  RETURN_IF_ERROR(store.Peek(keys, [&](size_t index, const StoredView& stored) {
    damaged.Update(stored.status);
    const RecordView* const record = stored.record;
    if (stored.suppressed || record == nullptr ||
        record->jid() != jids[index] ||
        record->state() != v1::PICTURE_STATE_AVAILABLE) {
      return;
    }
    pictures[index].picture_id = std::string(record->id());
  }));
  RETURN_IF_ERROR(damaged);
  return pictures;
}

}  // namespace portrait
