#include "server/data_folder.h"

#include "absl/strings/str_cat.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"

namespace portrait {

std::string AdminTokenFile(const Config& config) {
  return absl::StrCat(config.data_dir, "/admin.token");
}

std::string StoreFolder(const Config& config) {
  return absl::StrCat(config.data_dir, "/db");
}

absl::StatusOr<Stores> OpenStores(const Config& config) {
  RETURN_IF_ERROR(MakeFolder(config.data_dir));
  return OpenRocksDbStores(StoreFolder(config), config.store);
}

}  // namespace portrait
