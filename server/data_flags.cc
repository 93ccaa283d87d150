#include "server/data_flags.h"

#include <string>

#include "absl/strings/string_view.h"

namespace portrait {
namespace {

// The store records the time of a contact's last use in days.
constexpr absl::Duration kMinRetention = absl::Hours(24);
constexpr size_t kMaxAuditMib = 1 << 20;
constexpr size_t kMaxAuditFiles = 10'000;
constexpr size_t kMaxBackup = 1'000'000'000;

bool ParseRetention(absl::string_view text, absl::Duration* retention) {
  if (!ParseDays(text, retention)) return false;
  if (*retention == absl::ZeroDuration()) {
    *retention = absl::InfiniteDuration();
  }
  return *retention >= kMinRetention;
}

bool ParseCopy(const std::string& text, AuditOptions::Copy* copy) {
  if (text == "none") {
    *copy = AuditOptions::Copy::kNone;
  } else if (text == "stdout") {
    *copy = AuditOptions::Copy::kStdout;
  } else if (text == "syslog") {
    *copy = AuditOptions::Copy::kSyslog;
  } else {
    return false;
  }
  return true;
}

}  // namespace

void AddRetentionFlag(Flags& flags, absl::Duration* retention) {
  flags.Parsed(
      "--retention", "DURATION", "0", "0, or at least 24h, such as 90d",
      [retention](const std::string& text) {
        return ParseRetention(text, retention);
      },
      "Erase contacts that were not looked up for this time, and changes older "
      "than this; 0: never");
}

void AddIsolationFlag(Flags& flags, bool* isolates_tenants) {
  flags.Switch("--isolate-tenants", isolates_tenants,
               "Answer each tenant as if it were alone: it does not learn "
               "whether another tenant asked about a contact. Costs queries: "
               "stored answers are not shared");
}

void AddAuditFlags(Flags& flags, AuditOptions& audit, size_t* max_mib) {
  flags.Group("Audit");
  flags.Text("--audit-log", "FILE", &audit.file,
             "File that records each call's tenant, contacts and outcome as a "
             "JSON line. If unset, there is no audit log");
  flags.Count("--audit-log-mib", "MIB", 1, kMaxAuditMib, max_mib,
              "Size at which the file is rotated to FILE.1, FILE.1 to FILE.2 "
              "and so on");
  flags.Duration("--audit-log-age", &audit.max_age,
                 "Age at which the file is rotated");
  flags.Count("--audit-log-files", "COUNT", 0, kMaxAuditFiles, &audit.files,
              "Number of rotated files to keep");
  flags.Parsed(
      "--audit-copy", "TO", "none", "one of none, stdout, syslog",
      [&audit](const std::string& text) {
        return ParseCopy(text, &audit.copy);
      },
      "Also write each line to standard output or to syslog (facility "
      "authpriv)");
  flags.Number("--audit-tenant-rate", "LINES_PER_SECOND",
               &audit.tenant_lines_per_second,
               "Maximum lines per second and tenant, with bursts of up to a "
               "minute's worth. A line of event gap has the number of omitted "
               "lines; 0: no limit");
}

void AddOfflineFlags(Flags& flags, Config& config) {
  flags.Group("Run once and exit, while no server uses the data folder");
  flags.Switch("--reset-admin-token", &config.reset_admin_token,
               "Write a new admin token to admin.token in the data folder and "
               "revoke the previous one");
  flags.Switch("--new-store", &config.new_store,
               "Start with an empty store and a new admin token if the data "
               "folder has a key and a token but no store");
  flags.Switch(
      "--forget-accounts", &config.forget_accounts,
      "Erase the keys of all linked accounts, if the key file is lost");
  flags.Switch("--forget-images", &config.forget_images,
               "Delete every image in --images, and what the store says about "
               "them");
  flags.Text(
      "--restore", "DIR", &config.restore_from,
      "Create the store of an empty data folder from the backups in DIR");
  flags.Count("--restore-backup", "NUMBER", 0, kMaxBackup,
              &config.restore_backup,
              "Number of the backup to restore; 0: the newest");
}

absl::Status CheckOfflineFlags(const Config& config) {
  const bool restores = !config.restore_from.empty();
  if (config.reset_admin_token + config.forget_accounts + config.forget_images +
          restores >
      1) {
    return absl::InvalidArgumentError(
        "--reset-admin-token, --forget-accounts, --forget-images, --restore: "
        "expected only one of them");
  }
  if (config.forget_images && config.images.place.empty()) {
    return absl::InvalidArgumentError(
        "--forget-images: expected --images, too");
  }
  if (config.restore_backup != 0 && !restores) {
    return absl::InvalidArgumentError(
        "--restore-backup: expected --restore DIR, too");
  }
  return absl::OkStatus();
}

}  // namespace portrait
