// Writes this version's sample accounts into a folder. Run it once before
// kAccountVersion is raised, and keep the result as tests/data/accounts-vN:
//
//   build/release/core/session/sample_accounts_writer tests/data/accounts-v2
#include <cstdio>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "core/base/status_macros.h"
#include "core/session/sealed_sessions.h"
#include "core/session/testing/sample_accounts.h"

namespace portrait {
namespace {

absl::Status Write(const std::string& folder) {
  std::filesystem::create_directories(folder);
  ASSIGN_OR_RETURN(const Stores stores,
                   OpenRocksDbStores(folder + "/db", RocksDbOptions()));
  ASSIGN_OR_RETURN(
      const auto sealed,
      SealedSessions::Open(*stores.sessions, folder + "/portrait.key"));
  for (const Account& account : SampleAccounts()) {
    RETURN_IF_ERROR(sealed->Save(account));
  }
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
  const std::string folder = argv[1];
  const absl::Status status = portrait::Write(folder);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  portrait::RemoveNotes(folder + "/db");
  return 0;
}
