// TenantView decides what a caller may see and erase of contacts that several
// tenants have looked up.
#ifndef PORTRAIT_SERVER_TENANT_VIEW_H_
#define PORTRAIT_SERVER_TENANT_VIEW_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/access/access_control.h"
#include "core/store/observation.h"
#include "core/store/picture_store.h"

namespace portrait {

// A value type. The default sees and erases everything.
struct TenantView {
  uint32_t tenant = 0;
  bool is_isolated = false;   // --isolate-tenants
  bool sees_all = true;       // contacts that other tenants asked about
  bool erases_all = true;     // for all tenants, not only its own tie
  bool erases_untied = true;  // records that were stored before ties existed

  static TenantView Of(const Principal& caller, bool isolates_tenants);

  // Changes of a contact that are later than this are shown; nothing: the
  // tenant has not asked about the contact. `record` null: nothing is stored.
  std::optional<absl::Time> ShownAfter(const RecordView* record) const;
};

// Removes the changes that `view` does not show. Blocks on the store.
absl::Status KeepShown(PictureStore& store, const TenantView& view,
                       std::vector<Change>* changes);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TENANT_VIEW_H_
