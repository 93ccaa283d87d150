#include "server/offline.h"

#include <cstdio>

#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/store/backups.h"
#include "core/store/picture_store.h"
#include "core/store/withdrawals.h"
#include "server/data_folder.h"
#include "server/images.h"

namespace portrait {
namespace {

absl::Status ResetAdminToken(const Config& config) {
  ASSIGN_OR_RETURN(const auto opened, OpenStoresToWrite(config));
  ASSIGN_OR_RETURN(const auto access,
                   OpenAccess(config, *opened.stores.access));
  RETURN_IF_ERROR(access->ResetAdminToken());
  std::printf(
      "new admin token written to %s; earlier admin tokens are revoked\n",
      AdminTokenFile(config).c_str());
  if (opened.log != nullptr) {
    std::printf("each other node writes it to its own file when it starts\n");
  }
  return absl::OkStatus();
}

absl::Status ForgetAccounts(const Config& config) {
  ASSIGN_OR_RETURN(const auto opened, OpenStoresToWrite(config));
  KeyValueStore& store = *opened.stores.sessions;
  ASSIGN_OR_RETURN(const auto sessions, store.List(""));
  for (const auto& [name, sealed] : sessions) {
    RETURN_IF_ERROR(store.Delete(name));
    std::printf("erased the keys of account %s\n", name.c_str());
  }
  std::printf(
      "erased %zu accounts; unlink them on their phones under Linked devices\n",
      sessions.size());
  return absl::OkStatus();
}

absl::Status ForgetImages(const Config& config) {
  ASSIGN_OR_RETURN(const Stores stores, OpenOwnStores(config));
  ASSIGN_OR_RETURN(const auto blobs, OpenBlobs(config.images));
  ASSIGN_OR_RETURN(const size_t deleted,
                   DeleteAllImages(*stores.images, *blobs));
  std::printf("deleted %zu images in %s\n", deleted,
              config.images.place.c_str());
  return absl::OkStatus();
}

absl::Status Restore(const Config& config) {
  RETURN_IF_ERROR(MakeFolder(config.data_dir));
  ASSIGN_OR_RETURN(const Backup backup,
                   RestoreBackup(config.restore_from,
                                 static_cast<uint32_t>(config.restore_backup),
                                 StoreFolder(config)));
  std::printf(
      "restored backup %u of %s to %s; copy the key file of the server that "
      "made the backup to %s\n",
      backup.id, absl::FormatTime(backup.made_at, absl::UTCTimeZone()).c_str(),
      StoreFolder(config).c_str(), config.key_file.c_str());
  ASSIGN_OR_RETURN(const Withdrawn withdrawn,
                   ApplyWithdrawals(StoreFolder(config)));
  if (!withdrawn.is_known) {
    std::printf(
        "there is no %s: tokens revoked and objections made since the backup "
        "are not known here; to apply them, copy the file from the server that "
        "made the backup, and restore again\n",
        WithdrawalsFile(StoreFolder(config)).c_str());
    return absl::OkStatus();
  }
  std::printf("%zu tokens stay revoked and %zu contacts stay forgotten\n",
              withdrawn.tokens, withdrawn.contacts);
  return absl::OkStatus();
}

}  // namespace

std::optional<absl::Status> RunOffline(const Config& config) {
  if (!config.restore_from.empty()) return Restore(config);
  if (config.reset_admin_token) return ResetAdminToken(config);
  if (config.forget_accounts) return ForgetAccounts(config);
  if (config.forget_images) return ForgetImages(config);
  return std::nullopt;
}

}  // namespace portrait
