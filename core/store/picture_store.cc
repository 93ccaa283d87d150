#include "core/store/picture_store.h"

#include "core/base/status_macros.h"

namespace portrait {

absl::StatusOr<std::vector<StoredContact>> PictureStore::Get(
    absl::Span<const std::string> jids) {
  std::vector<StoredContact> contacts(jids.size());
  absl::Status damaged;
  const std::vector<absl::string_view> views(jids.begin(), jids.end());
  RETURN_IF_ERROR(Read(views, [&](size_t i, const StoredView& stored) {
    damaged.Update(stored.status);
    contacts[i].suppressed = stored.suppressed;
    if (stored.record == nullptr) return;
    const absl::string_view bytes = stored.record->bytes();
    if (!contacts[i].record.emplace().ParseFromArray(
            bytes.data(), static_cast<int>(bytes.size()))) {
      damaged.Update(absl::DataLossError("store: a record is unreadable"));
    }
  }));
  RETURN_IF_ERROR(damaged);
  return contacts;
}

}  // namespace portrait
