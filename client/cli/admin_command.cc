// portrait admin stats|verify|compact|backup|backups|restore|rotate-key
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

constexpr Column kFamilyColumns[] = {
    {"family", ColumnKind::kWhole, "kind of records"},
    {"keys", ColumnKind::kNumber, "estimated number of records"},
    {"tables", ColumnKind::kNumber, "number of files"},
    {"table_bytes", ColumnKind::kNumber, "bytes on disk"},
    {"memory_bytes", ColumnKind::kNumber, "bytes in memory, not in a file yet"},
    {"pending_bytes", ColumnKind::kNumber,
     "estimated bytes that will be compacted"},
};

constexpr Column kBackupColumns[] = {
    {"backup", ColumnKind::kNumber,
     "number of the backup, for --restore-backup"},
    {"made", ColumnKind::kWhole, "time of the backup"},
    {"bytes", ColumnKind::kNumber,
     "size, including files shared with other backups"},
    {"files", ColumnKind::kNumber, "number of files, including shared ones"},
};

constexpr Column kDamagedColumns[] = {
    {"file", ColumnKind::kWhole, "file of the store, or number of the backup"},
    {"family", ColumnKind::kText, "kind of records in the file"},
    {"bytes", ColumnKind::kNumber, "size of the file"},
    {"problem", ColumnKind::kText, "problem that was found"},
};

// "1.4 GB"
std::string FormatBytes(uint64_t bytes) {
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return absl::StrCat(bytes, " bytes");
  double amount = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (amount >= 1000 && unit + 1 < std::size(kUnits)) {
    amount /= 1000;
    ++unit;
  }
  return absl::StrFormat("%.1f %s", amount, kUnits[unit]);
}

template <typename Request, typename Response>
using AdminCall = grpc::Status (v1::AdminService::Stub::*)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*);

// Makes a call and passes the response to `print`. Calls that read the whole
// store take a long time, so there is no deadline.
template <typename Request, typename Response, typename Print>
ExitCode CallAndPrint(AdminCall<Request, Response> call, const Request& request,
                      const Program& program, Print print) {
  return CallServer(&client::PortraitClient::admin, call, request, program,
                    std::move(print), absl::InfiniteDuration());
}

// ---- the store -------------------------------------------------------------

ExitCode PrintStats(const v1::GetStoreStatsResponse& stats,
                    const FormatFlags& format) {
  std::vector<std::vector<std::string>> rows;
  uint64_t bytes = stats.log_bytes();
  for (const v1::StoreFamily& family : stats.families()) {
    bytes += family.table_bytes();
    rows.push_back({family.name(), absl::StrCat(family.keys()),
                    absl::StrCat(family.tables()),
                    absl::StrCat(family.table_bytes()),
                    absl::StrCat(family.memory_bytes()),
                    absl::StrCat(family.pending_compaction_bytes())});
  }
  const ExitCode printed = PrintRows(format, kFamilyColumns, std::move(rows));
  Complain(
      absl::StrCat("the store takes ", FormatBytes(bytes), ", ",
                   FormatBytes(stats.log_bytes()), " of it write-ahead log; ",
                   FormatBytes(stats.free_disk_bytes()),
                   " are free on the disk; ", stats.last_sequence(),
                   " changes so far; schema version ", stats.schema_version()));
  return printed;
}

// Prints a VerifyStoreResponse or VerifyBackupsResponse.
template <typename Response>
ExitCode PrintVerified(const Response& report, const FormatFlags& format) {
  if (report.damaged().empty()) {
    Complain(absl::StrCat(report.files(), " files, ",
                          FormatBytes(report.size_bytes()), ", are undamaged"));
    return ExitCode::kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::DamagedFile& damaged : report.damaged()) {
    rows.push_back({damaged.file(), damaged.family(),
                    absl::StrCat(damaged.size_bytes()), damaged.problem()});
  }
  PrintRows(format, kDamagedColumns, std::move(rows));
  Complain(absl::StrCat(
      report.damaged_size(), " of ", report.files(),
      " files are damaged; data in the other files can still be read. To "
      "recover all data, restore a backup: see portrait admin restore"));
  return ExitCode::kSomeFailed;
}

void AddStats(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "stats", "Shows how many records the store has, and their size");
  auto format = std::make_shared<FormatFlags>();
  AddFormatFlag(*command, format.get());
  command->callback([format, &program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::GetStoreStats, v1::GetStoreStatsRequest(),
        program, [&](const auto& stats) { return PrintStats(stats, *format); });
  });
}

void AddVerify(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "verify",
      "Reads the whole store, or its backups, and verifies the checksums. If "
      "files are damaged, lists them and exits with code 2");
  struct VerifyFlags {
    bool backups = false;
    FormatFlags format;
  };
  auto flags = std::make_shared<VerifyFlags>();
  command->add_flag("--backups", flags->backups,
                    "Verify the backups instead of the store");
  AddFormatFlag(*command, &flags->format);
  command->callback([flags, &program] {
    const auto print = [&](const auto& report) {
      return PrintVerified(report, flags->format);
    };
    program.exit_code =
        flags->backups
            ? CallAndPrint(&v1::AdminService::Stub::VerifyBackups,
                           v1::VerifyBackupsRequest(), program, print)
            : CallAndPrint(&v1::AdminService::Stub::VerifyStore,
                           v1::VerifyStoreRequest(), program, print);
  });
}

void AddCompact(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "compact",
      "Removes erased data from the disk now and frees its space. Without this "
      "command, that happens gradually");
  command->callback([&program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::CompactStore, v1::CompactStoreRequest(),
        program, [](const v1::CompactStoreResponse& response) {
          Complain(absl::StrCat(
              "compacted from ", FormatBytes(response.size_bytes_before()),
              " to ", FormatBytes(response.size_bytes_after())));
          return ExitCode::kOk;
        });
  });
}

// ---- backups ---------------------------------------------------------------

void AddBackup(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "backup",
      "Backs up the store to the server's --backup-dir, while the server runs. "
      "The backup does not contain the key file: keep a copy of it elsewhere");
  auto request = std::make_shared<v1::CreateBackupRequest>();
  command->add_option_function<uint32_t>(
      "--keep", [request](uint32_t keep) { request->set_keep(keep); },
      "Number of backups to keep, including this one; 0 keeps all");
  command->callback([request, &program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::CreateBackup, *request, program,
        [](const v1::CreateBackupResponse& response) {
          const v1::Backup& backup = response.backup();
          Complain(absl::StrCat("backup ", backup.backup_id(), ", ",
                                FormatBytes(backup.size_bytes()), ", is in ",
                                response.folder()));
          return ExitCode::kOk;
        });
  });
}

void AddBackups(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand("backups", "Lists the backups");
  auto format = std::make_shared<FormatFlags>();
  AddFormatFlag(*command, format.get());
  command->callback([format, &program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::ListBackups, v1::ListBackupsRequest(), program,
        [&](const v1::ListBackupsResponse& response) {
          std::vector<std::vector<std::string>> rows;
          for (const v1::Backup& backup : response.backups()) {
            rows.push_back({absl::StrCat(backup.backup_id()),
                            FormatTime(backup.create_time()),
                            absl::StrCat(backup.size_bytes()),
                            absl::StrCat(backup.files())});
          }
          return PrintRows(*format, kBackupColumns, std::move(rows));
        });
  });
}

void AddRestore(CLI::App& admin, Program& program) {
  CLI::App* command =
      admin.add_subcommand("restore", "Explains how to restore a backup");
  command->callback([&program] {
    std::fputs(
        "Restore a backup into a data folder that has no store and that no "
        "server uses:\n\n"
        "    portraitd --restore BACKUP_DIR --data-dir DIR\n\n"
        "This restores the newest backup; --restore-backup N restores another "
        "one. Then\n"
        "copy the key file of the server that made the backup to "
        "DIR/portrait.key, and\n"
        "start portraitd with --data-dir DIR. If the key was changed after the "
        "backup was\n"
        "made, add the older key on a line of its own below the newer one.\n"
        "portraitd --reset-admin-token creates a token for DIR. The backup "
        "still contains\n"
        "contacts that were forgotten after it was made: forget them again.\n",
        stdout);
    program.exit_code = ExitCode::kOk;
  });
}

// ---- keys ------------------------------------------------------------------

void AddRotateKey(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "rotate-key",
      "Encrypts the data of the linked accounts with a new key, which replaces "
      "the old key in the key file. Backups made earlier need the old key");
  command->callback([&program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::RotateKey, v1::RotateKeyRequest(), program,
        [](const v1::RotateKeyResponse& response) {
          Complain(absl::StrCat(response.sessions(),
                                " accounts are encrypted with a new key; make "
                                "a new copy of the key file"));
          return ExitCode::kOk;
        });
  });
}

}  // namespace

void AddAdminCommand(CLI::App& app, Program& program) {
  CLI::App* admin = app.add_subcommand(
      "admin", "Maintains the server: its store, backups and key");
  admin->require_subcommand(1);
  AddStats(*admin, program);
  AddVerify(*admin, program);
  AddCompact(*admin, program);
  AddBackup(*admin, program);
  AddBackups(*admin, program);
  AddRestore(*admin, program);
  AddRotateKey(*admin, program);
}

}  // namespace portrait::cli
