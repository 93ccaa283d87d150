// portrait watch: prints picture changes as they happen.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/change_watcher.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/idle_timer.h"
#include "client/cli/input_buffer.h"
#include "client/cli/output_file.h"
#include "client/cli/trouble_text.h"

namespace portrait::cli {
namespace {

// The least time that --until-idle waits for the first message of a server.
constexpr absl::Duration kFirstWord = absl::Seconds(10);

struct WatchFlags {
  std::vector<std::string> contacts;
  std::string since;
  std::string resume_file;
  std::string until_idle;  // empty: until interrupted
  FormatFlags format;
};

// Tells a user who sees no change yet that this is not an error.
void TellWaiting(size_t contacts) {
  if (isatty(STDERR_FILENO) == 0) return;
  Complain(absl::StrCat(
      "watching ",
      contacts == 0 ? "all contacts" : absl::StrCat(contacts, " contacts"),
      "; press Ctrl-C to stop"));
}

// The token in the file at `path`; empty if there is no file yet.
absl::StatusOr<std::string> TokenIn(const std::string& path) {
  constexpr size_t kMaxTokenBytes = 4096;
  absl::StatusOr<std::unique_ptr<InputBuffer>> file = InputBuffer::Open(path);
  if (absl::IsNotFound(file.status())) return "";
  if (!file.ok()) return file.status();
  absl::StatusOr<bool> more = true;
  while (*more && (*file)->buffered().size() <= kMaxTokenBytes) {
    more = (*file)->Fill();
    if (!more.ok()) return more.status();
  }
  const absl::string_view token =
      absl::StripAsciiWhitespace((*file)->buffered());
  if (token.empty() || token.size() > kMaxTokenBytes ||
      token.find_first_of(" \t\r\n") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     " does not contain a resume token; remove the file to "
                     "start with the next change, or pass --since beginning"));
  }
  return std::string(token);
}

client::WatchOptions OptionsOf(const WatchFlags& flags) {
  client::WatchOptions options;
  options.contacts = flags.contacts;
  options.resume_token = flags.since;
  options.on_trouble =
      [told = absl::Status()](const absl::Status& status) mutable {
        if (std::exchange(told, status) == status) return;
        Complain(absl::StrCat("no server, retrying: ", TroubleText(status)));
      };
  return options;
}

ExitCode Watch(const WatchFlags& flags, Program& program) {
  absl::StatusOr<absl::Duration> patience = absl::InfiniteDuration();
  if (!flags.until_idle.empty()) {
    patience = ParseDuration("--until-idle", flags.until_idle);
  }
  if (!patience.ok()) {
    Complain(patience.status().message());
    return ExitCode::kUsage;
  }
  client::WatchOptions options = OptionsOf(flags);
  if (!flags.resume_file.empty()) {
    absl::StatusOr<std::string> token = TokenIn(flags.resume_file);
    if (!token.ok()) {
      Complain(token.status().message());
      return ExitCode::kUsage;
    }
    options.resume_token = *std::move(token);
  }
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  RowPrinter printer(flags.format, ChangeColumns(),
                     RowPrinter::Rows::kOneByOne);
  std::string saved_token = options.resume_token;
  bool heard = false;  // a server has sent a message
  absl::Status local;  // an error on the client's side
  client::ChangeWatcher watcher(*client, options);
  IdleTimer idle(std::max(*patience, kFirstWord), *patience,
                 [&watcher] { watcher.Cancel(); });
  const auto sink = [&](const v1::WatchProfilePictureChangesResponse& got) {
    if (got.changes_size() > 0 || !heard) idle.Touch();
    if (!std::exchange(heard, true)) TellWaiting(flags.contacts.size());
    for (const v1::ProfilePictureChange& change : got.changes()) {
      printer.Print(ChangeValues(change));
    }
    local = printer.Flush();
    // The token is saved after the changes before it were printed: after a
    // crash, some changes may be printed twice, but none is lost.
    if (local.ok() && !flags.resume_file.empty() &&
        !got.resume_token().empty() && got.resume_token() != saved_token) {
      saved_token = got.resume_token();
      local = ReplaceFile(flags.resume_file, absl::StrCat(saved_token, "\n"));
    }
    return local;
  };
  const Interrupt::Handler stop(program.interrupt,
                                [&watcher] { watcher.Cancel(); });
  const absl::Status status = watcher.Run(sink);
  if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
  if (!local.ok()) return ComplainOutput(local);
  if (idle.fired() && heard) return ExitCode::kOk;
  if (idle.fired()) {
    Complain("no server answered");
    return ExitCode::kUnreachable;
  }
  return Complain(status, *client);
}

}  // namespace

void AddWatchCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "watch", "Shows picture changes as they are found, until interrupted");
  auto flags = std::make_shared<WatchFlags>();
  command->add_option("CONTACT", flags->contacts,
                      "Phone numbers or JIDs to watch. If none is given, all "
                      "contacts are watched");
  CLI::Option* since = command->add_option(
      "--since", flags->since,
      "Continue from this resume token; \"beginning\" starts with the first "
      "stored change. If unset, starts with the next change");
  command
      ->add_option("--resume-file", flags->resume_file,
                   "Save the position in this file. If the file exists, "
                   "continue from the saved position")
      ->excludes(since);
  command->add_option("--until-idle", flags->until_idle,
                      "Exit if no change arrives for this time, such as 5s");
  AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, &program] { program.exit_code = Watch(*flags, program); });
}

}  // namespace portrait::cli
