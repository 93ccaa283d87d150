// portrait download CONTACT… -o DIR
#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/call_error.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/contact_error.h"
#include "client/cli/picture_downloads.h"
#include "core/base/files.h"

namespace portrait::cli {
namespace {

constexpr Column kDownloadColumns[] = {
    {"contact", ColumnKind::kText, "the contact as it was written", 0, 20},
    {"path", ColumnKind::kWhole, "the file", 0, 40},
    {"sha256", ColumnKind::kWhole, "hash of the file", 2, 64},
    {"bytes", ColumnKind::kNumber, "size of the file", 1, 9},
};

struct DownloadFlags {
  std::vector<std::string> contacts;
  std::string folder;
  std::string size = "full";
  FormatFlags format;
};

// Prints the files in the order of the contacts, and says what failed.
class DownloadRun {
 public:
  DownloadRun(const DownloadFlags& flags, client::PortraitClient& client)
      : flags_(flags),
        client_(client),
        printer_(flags.format, kDownloadColumns, RowPrinter::Rows::kOneByOne) {}

  ExitCode Run(Interrupt& interrupt) {
    uint32_t pixels = 0;  // "full"
    (void)absl::SimpleAtoi(flags_.size, &pixels);
    PictureDownloads downloads(client_, flags_.folder, pixels);
    const Interrupt::Handler stop(interrupt,
                                  [&downloads] { downloads.Cancel(); });
    std::deque<std::future<PictureOutcome>> under_way;
    size_t started = 0;
    for (const std::string& contact : flags_.contacts) {
      while (started < flags_.contacts.size() &&
             under_way.size() < 2 * kParallelDownloads) {
        under_way.push_back(downloads.Start(flags_.contacts[started++]));
      }
      const PictureOutcome outcome = under_way.front().get();
      under_way.pop_front();
      if (interrupt.interrupted()) return ExitCode::kInterrupted;
      if (!Report(contact, outcome)) {
        downloads.Cancel();
        break;
      }
    }
    const absl::Status printed = printer_.Finish();
    return printed.ok() ? exit_code_ : ComplainOutput(printed);
  }

 private:
  // Returns whether the next contact may still be downloaded.
  bool Report(const std::string& contact, const PictureOutcome& outcome) {
    if (outcome.ok()) {
      printer_.Print({contact,
                      absl::StrCat(flags_.folder, "/", outcome.saved.name),
                      outcome.saved.sha256, absl::StrCat(outcome.saved.bytes)});
      const absl::Status printed = printer_.Flush();
      if (!printed.ok()) exit_code_ = ComplainOutput(printed);
      return printed.ok();
    }
    if (!outcome.file.ok()) {
      Complain(outcome.file.message());
      exit_code_ = ExitCode::kUsage;
      return false;
    }
    const v1::LookupError error = client::LookupErrorOf(outcome.call);
    if (!IsAboutContact(outcome.call, error)) {
      exit_code_ = Complain(client::ToStatus(outcome.call), client_);
      return false;
    }
    Complain(absl::StrCat(contact, ": ", outcome.Problem()));
    exit_code_ = std::max(exit_code_, ExitCodeOfError(error));
    return true;
  }

  const DownloadFlags& flags_;
  client::PortraitClient& client_;
  RowPrinter printer_;
  ExitCode exit_code_ = ExitCode::kOk;
};

ExitCode Download(const DownloadFlags& flags, Program& program) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  if (const absl::Status made = MakeFolder(flags.folder); !made.ok()) {
    Complain(made.message());
    return ExitCode::kUsage;
  }
  return DownloadRun(flags, *client).Run(program.interrupt);
}

}  // namespace

void AddDownloadCommand(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("download", "Saves the pictures of contacts as files");
  auto flags = std::make_shared<DownloadFlags>();
  command
      ->add_option("CONTACT", flags->contacts,
                   "Phone number in international form, or JID")
      ->required();
  command
      ->add_option("-o,--output", flags->folder,
                   "Folder for the files; created if missing")
      ->required();
  command
      ->add_option("--size", flags->size,
                   "Longer side in pixels, 96 or 256, or full: the image as "
                   "WhatsApp sent it")
      ->check(CLI::IsMember({"96", "256", "full"}))
      ->capture_default_str();
  AddFormatFlag(*command, &flags->format);
  command->footer(absl::StrCat(
      "The server sends its stored copy, or else fetches the picture from "
      "WhatsApp; it needs --images. A file is named by contact and picture id, "
      "such as 13105551234-1736000000.jpg. A file that already has the same "
      "content is not written again.\n\n",
      kExitCodeHelp,
      "\nA contact without a visible picture counts as one that could not be "
      "looked up."));
  command->callback(
      [flags, &program] { program.exit_code = Download(*flags, program); });
}

}  // namespace portrait::cli
