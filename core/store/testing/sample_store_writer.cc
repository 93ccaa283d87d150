// Writes the sample of this version into a folder: once, before kSchemaVersion
// is raised, to be kept as tests/data/store-vN:
//
//   build/release/core/store/sample_store_writer tests/data/store-v1
//
// It is as a killed server leaves it: a part in tables, a part in the log.
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
  // Opening it once more makes tables of the log.
  ASSIGN_OR_RETURN(Stores stores, OpenRocksDbStores(folder, RocksDbOptions()));
  RETURN_IF_ERROR(stores.sessions->Put("second", "sealed keys too"));
  ASSIGN_OR_RETURN(const std::string text, DescribeSample(stores));
  std::printf("%s", text.c_str());
  return absl::OkStatus();
}

// What the database does not need, and what names this machine.
void RemoveNotes(const std::string& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename();
    if (absl::StartsWith(name, "LOG") || absl::StartsWith(name, "OPTIONS")) {
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
