#include "core/store/testing/sample_folder.h"

#include <cstdio>
#include <filesystem>

#include "absl/strings/match.h"

namespace portrait {
namespace {

void RemoveNotes(const std::filesystem::path& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename();
    if (absl::StartsWith(name, "LO") || absl::StartsWith(name, "OPTIONS")) {
      std::filesystem::remove(file.path());
    }
  }
}

}  // namespace

int WriteSampleFolder(
    int argc, char** argv, absl::string_view database,
    absl::FunctionRef<absl::Status(const std::string& folder)> write) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const absl::Status status = write(argv[1]);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  RemoveNotes(std::filesystem::path(argv[1]) / std::string(database));
  return 0;
}

}  // namespace portrait
