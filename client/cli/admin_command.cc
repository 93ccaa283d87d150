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
    {"family", ColumnKind::kWhole, "which kind of things"},
    {"keys", ColumnKind::kNumber, "how many; estimated"},
    {"tables", ColumnKind::kNumber, "files"},
    {"table_bytes", ColumnKind::kNumber, "on the disk"},
    {"memory_bytes", ColumnKind::kNumber, "not in a table yet"},
    {"pending_bytes", ColumnKind::kNumber, "to be compacted; estimated"},
};

constexpr Column kBackupColumns[] = {
    {"backup", ColumnKind::kNumber, "its number, to restore it by"},
    {"made", ColumnKind::kWhole, "when"},
    {"bytes", ColumnKind::kNumber, "with what it shares with others"},
    {"files", ColumnKind::kNumber, "the same"},
};

constexpr Column kDamagedColumns[] = {
    {"file", ColumnKind::kWhole, "of the store, or which backup"},
    {"family", ColumnKind::kText, "what is in it"},
    {"bytes", ColumnKind::kNumber, "how large it is"},
    {"problem", ColumnKind::kText, "what was found"},
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
  Complain(absl::StrCat("the store takes ", FormatBytes(bytes), ", ",
                        FormatBytes(stats.log_bytes()), " of it a log; ",
                        FormatBytes(stats.free_disk_bytes()), " are free; ",
                        stats.last_sequence(),
                        " changes so far; schema version ",
                        stats.schema_version()));
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
      " files are damaged; what is not in them can be read. "
      "To get all data back, restore a backup: portrait admin restore"));
  return ExitCode::kSomeFailed;
}

void AddStats(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "stats", "Shows how much the store holds, and where");
  auto format = std::make_shared<FormatFlags>();
  AddFormatFlag(*command, format.get());
  command->callback([format, &program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::GetStoreStats, v1::GetStoreStatsRequest(),
        program, [&](const auto& stats) { return PrintStats(stats, *format); });
  });
}

void AddVerify(CLI::App& admin, Program& program) {
  CLI::App* command =
      admin.add_subcommand("verify",
                           "Reads all of the store, or of its backups, and "
                           "compares checksums; names "
                           "what is damaged, and ends with 2 then");
  struct VerifyFlags {
    bool backups = false;
    FormatFlags format;
  };
  auto flags = std::make_shared<VerifyFlags>();
  command->add_flag("--backups", flags->backups, "The backups");
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
      "Takes what was erased off the disk now, which otherwise happens by and "
      "by, and gives its room back");
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
      "Copies the store, while it serves, to the server's --backup-dir. The "
      "key file is not in it: keep a copy of that elsewhere");
  auto request = std::make_shared<v1::CreateBackupRequest>();
  command->add_option_function<uint32_t>(
      "--keep", [request](uint32_t keep) { request->set_keep(keep); },
      "How many backups stay, this one included; 0: all");
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
  CLI::App* command = admin.add_subcommand("backups", "Shows what was copied");
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
  CLI::App* command = admin.add_subcommand(
      "restore", "Says how a backup becomes a store again");
  command->callback([&program] {
    std::fputs(
        "A store is restored where no server runs, into a data folder that has "
        "none:\n\n"
        "    portraitd --restore BACKUP_DIR --data-dir DIR\n\n"
        "It takes the newest backup; --restore-backup N another one. Then put "
        "the key file\nof the server that made it at DIR/portrait.key and "
        "start portraitd on DIR; where\nthe key was changed since, with the "
        "older key on a line of its own below.\nportraitd --reset-admin-token "
        "makes a token for DIR. Contacts that were forgotten\nsince the "
        "backup was made are back: forget them again.\n",
        stdout);
    program.exit_code = ExitCode::kOk;
  });
}

// ---- keys ------------------------------------------------------------------

void AddRotateKey(CLI::App& admin, Program& program) {
  CLI::App* command = admin.add_subcommand(
      "rotate-key",
      "Seals the linked accounts under a new key, which takes the old one's "
      "place in the key file. Backups made before need the old one");
  command->callback([&program] {
    program.exit_code = CallAndPrint(
        &v1::AdminService::Stub::RotateKey, v1::RotateKeyRequest(), program,
        [](const v1::RotateKeyResponse& response) {
          Complain(absl::StrCat(
              response.sessions(),
              " accounts are sealed under a new key; copy the key file anew"));
          return ExitCode::kOk;
        });
  });
}

}  // namespace

void AddAdminCommand(CLI::App& app, Program& program) {
  CLI::App* admin = app.add_subcommand(
      "admin", "Looks after the server: its store, backups, its key");
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
