// A process for tests that kill it: applies batches to the store in the given
// folder without end, and prints each version that the store has acknowledged:
//
//   CONTACT VERSION SEQUENCE
//
// With a second folder, another thread meanwhile compacts the store and makes
// backups there. Contact n has the JID "n@s.whatsapp.net"; its picture ids
// count up from 1.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/store/picture_store.h"
#include "core/store/testing/test_observations.h"

namespace portrait {
namespace {

constexpr int kContacts = 60;
constexpr int kBatch = 20;

std::string JidOf(int contact) {
  return absl::StrCat(contact, "@s.whatsapp.net");
}

absl::StatusOr<std::vector<int>> StoredVersions(PictureStore& store) {
  std::vector<std::string> jids;
  for (int i = 0; i < kContacts; ++i) jids.push_back(JidOf(i));
  ASSIGN_OR_RETURN(const std::vector<StoredContact> contacts, store.Get(jids));
  std::vector<int> versions(kContacts, 0);
  for (int i = 0; i < kContacts; ++i) {
    if (!contacts[i].record.has_value()) continue;
    if (!absl::SimpleAtoi(contacts[i].record->id(), &versions[i])) {
      return absl::DataLossError("a version is no number");
    }
  }
  return versions;
}

void MaintainForEver(StoreMaintenance& maintenance, const std::string& backups);

absl::Status ApplyForEver(const std::string& folder,
                          const std::string& backups) {
  ASSIGN_OR_RETURN(Stores stores, OpenRocksDbStores(folder, RocksDbOptions()));
  if (!backups.empty()) {
    std::thread([&] {
      MaintainForEver(*stores.maintenance, backups);
    }).detach();  // ends with the process
  }
  ASSIGN_OR_RETURN(std::vector<int> versions, StoredVersions(*stores.pictures));
  for (int first = 0;; first = (first + kBatch) % kContacts) {
    std::vector<Observation> batch;
    for (int i = first; i < first + kBatch; ++i) {
      ++versions[i];
      batch.push_back(
          WithLid(Available(JidOf(i), absl::StrCat(versions[i]), versions[i]),
                  absl::StrCat(i, "@lid")));
    }
    ASSIGN_OR_RETURN(const std::vector<ApplyResult> results,
                     stores.pictures->Apply(batch));
    std::string lines;
    for (int i = 0; i < kBatch; ++i) {
      absl::StrAppend(&lines, first + i, " ", versions[first + i], " ",
                      results[i].change->sequence, "\n");
    }
    if (write(STDOUT_FILENO, lines.data(), lines.size()) < 0) {
      return absl::UnavailableError("the reader has ended");
    }
  }
}

void MaintainForEver(StoreMaintenance& maintenance,
                     const std::string& backups) {
  while (true) {
    for (const absl::Status& status :
         {maintenance.CreateBackup(backups, /*keep=*/2).status(),
          maintenance.Compact()}) {
      if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
    }
  }
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: %s FOLDER [BACKUPS]\n", argv[0]);
    return 2;
  }
  const absl::Status status =
      portrait::ApplyForEver(argv[1], argc == 3 ? argv[2] : "");
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
