// Writes this version's sample into a folder. Run it once before kSchemaVersion
// is raised, and keep the result as tests/data/store-vN:
//
//   build/release/core/store/sample_store_writer tests/data/store-v1
//
// The store is in the state after a kill: partly in tables, partly in the log.
#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "core/base/status_macros.h"
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

// Removes files that the database does not need or that name this machine.
void RemoveNotes(const std::string& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename();
    if (absl::StartsWith(name, "LO") || absl::StartsWith(name, "OPTIONS")) {
      std::filesystem::remove(file.path());
    }
  }
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const absl::Status status = portrait::Write(argv[1]);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  portrait::RemoveNotes(argv[1]);
  return 0;
}
