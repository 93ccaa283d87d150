#include "server/data_flags.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace portrait {
namespace {

// What is used is noted by the day.
constexpr absl::Duration kMinRetention = absl::Hours(24);
constexpr size_t kMaxAuditMib = 1 << 20;
constexpr size_t kMaxAuditFiles = 10'000;
constexpr size_t kMaxBackup = 1'000'000'000;

// "90d" as well; absl's durations end at hours.
bool ParseRetention(absl::string_view text, absl::Duration* retention) {
  int days = 0;
  if (absl::ConsumeSuffix(&text, "d")) {
    if (!absl::SimpleAtoi(text, &days)) return false;
    *retention = days * absl::Hours(24);
  } else if (!absl::ParseDuration(std::string(text), retention)) {
    return false;
  }
  if (*retention == absl::ZeroDuration()) {
    *retention = absl::InfiniteDuration();
  }
  return *retention >= kMinRetention;
}

}  // namespace

void AddRetentionFlag(Flags& flags, absl::Duration* retention) {
  flags.Parsed(
      "--retention", "DURATION", "0", "0, or at least 24h, such as 90d",
      [retention](const std::string& text) {
        return ParseRetention(text, retention);
      },
      "How long a contact is kept that is neither looked up nor checked, and "
      "what has changed of any; 0: for ever");
}

void AddAuditFlags(Flags& flags, AuditOptions& audit, size_t* max_mib) {
  flags.Group("Audit");
  flags.Text("--audit-log", "FILE", &audit.file,
             "Where it is noted who asked for whom, and what came of it, a "
             "line of JSON each; unset: nowhere");
  flags.Count("--audit-log-mib", "MIB", 1, kMaxAuditMib, max_mib,
              "How large the file grows before it becomes FILE.1, that FILE.2 "
              "and so on");
  flags.Count("--audit-log-files", "COUNT", 0, kMaxAuditFiles, &audit.files,
              "Such older files that are kept");
}

void AddOfflineFlags(Flags& flags, Config& config) {
  flags.Group("Instead of serving, while no server runs on the data folder");
  flags.Switch("--reset-admin-token", &config.reset_admin_token,
               "Write a new admin token to admin.token in the data folder and "
               "revoke the one before");
  flags.Switch("--new-store", &config.new_store,
               "Begin with an empty store and a new admin token where key and "
               "token are there but no store");
  flags.Switch("--forget-accounts", &config.forget_accounts,
               "Erase the keys of all linked accounts, for when the key file "
               "is lost");
  flags.Text("--restore", "DIR", &config.restore_from,
             "Make the store of the data folder, which has none, from the "
             "backups in DIR");
  flags.Count("--restore-backup", "NUMBER", 0, kMaxBackup,
              &config.restore_backup, "Which of them; 0: the newest");
}

absl::Status CheckOfflineFlags(const Config& config) {
  const bool restores = !config.restore_from.empty();
  if (config.reset_admin_token + config.forget_accounts + restores > 1) {
    return absl::InvalidArgumentError(
        "--reset-admin-token, --forget-accounts, --restore: expected one of "
        "them at a time");
  }
  if (config.restore_backup != 0 && !restores) {
    return absl::InvalidArgumentError(
        "--restore-backup: expected --restore beside it, which says where the "
        "backups are");
  }
  return absl::OkStatus();
}

}  // namespace portrait
