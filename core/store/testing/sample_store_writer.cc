// Writes this version's sample into a folder. Run it once before kSchemaVersion
// is raised, and keep the result as tests/data/store-vN:
//
//   build/release/core/store/sample_store_writer tests/data/store-v1
//
// The store is in the state after a kill: partly in tables, partly in the log.
#include <cstdio>
#include <string>

#include "core/base/status_macros.h"
#include "core/store/testing/sample_folder.h"
#include "core/store/testing/sample_store.h"

namespace portrait {
namespace {

absl::Status Write(const std::string& folder) {
  {
    ASSIGN_OR_RETURN(Stores stores,
                     OpenRocksDbStores(folder, RocksDbOptions()));
    RETURN_IF_ERROR(WriteSample(stores));
  }
  // Opening the store once more writes tables from the log.
  ASSIGN_OR_RETURN(Stores stores, OpenRocksDbStores(folder, RocksDbOptions()));
  RETURN_IF_ERROR(stores.sessions->Put("second", "sealed keys too"));
  ASSIGN_OR_RETURN(const std::string text, DescribeSample(stores));
  std::printf("%s", text.c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  return portrait::WriteSampleFolder(argc, argv, /*database=*/"",
                                     portrait::Write);
}
