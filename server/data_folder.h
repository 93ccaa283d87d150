// What is where in the data folder, for serving and for what is done instead.
#ifndef PORTRAIT_SERVER_DATA_FOLDER_H_
#define PORTRAIT_SERVER_DATA_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/store/picture_store.h"
#include "server/config.h"

namespace portrait {

// DIR/admin.token.
std::string AdminTokenFile(const Config& config);
// DIR/db.
std::string StoreFolder(const Config& config);

// The store in there; folder and store are made if missing. Errors: those of
// MakeFolder and OpenRocksDbStores; FAILED_PRECONDITION if key and admin token
// are there and the store is not, without config.new_store.
absl::StatusOr<Stores> OpenStores(const Config& config);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_DATA_FOLDER_H_
