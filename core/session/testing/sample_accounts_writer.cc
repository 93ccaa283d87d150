// Writes this version's sample accounts into a folder. Run it once before
// kAccountVersion is raised, and keep the result as tests/data/accounts-vN:
//
//   build/release/core/session/sample_accounts_writer tests/data/accounts-v2
#include <filesystem>
#include <string>

#include "core/base/status_macros.h"
#include "core/session/sealed_sessions.h"
#include "core/session/testing/sample_accounts.h"
#include "core/store/testing/sample_folder.h"

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

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  return portrait::WriteSampleFolder(argc, argv, /*database=*/"db",
                                     portrait::Write);
}
