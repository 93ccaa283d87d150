// portrait history CONTACT, portrait forget CONTACT
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

constexpr int kMaxPageSize = 1000;

struct HistoryFlags {
  std::string contact;
  int limit = 50;
  FormatFlags format;
};

ExitCode History(const HistoryFlags& flags, const Program& program) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  RowPrinter printer(flags.format, ChangeColumns(), RowPrinter::Rows::kWhole);
  v1::ListProfilePictureChangesRequest request;
  request.set_contact(flags.contact);
  int printed = 0;
  do {
    const int wanted = flags.limit == 0 ? kMaxPageSize : flags.limit - printed;
    request.set_page_size(std::min(wanted, kMaxPageSize));
    v1::ListProfilePictureChangesResponse response;
    const auto context = client->NewContext(kCallTimeout);
    const grpc::Status status = client->pictures().ListProfilePictureChanges(
        context.get(), request, &response);
    if (!status.ok()) return Complain(client::ToStatus(status), *client);
    for (const v1::ProfilePictureChange& change : response.changes()) {
      printer.Print(ChangeValues(change));
      ++printed;
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() &&
           (flags.limit == 0 || printed < flags.limit));
  if (absl::Status status = printer.Finish(); !status.ok()) {
    return ComplainOutput(status);
  }
  if (printed == 0) Complain(absl::StrCat(flags.contact, ": no changes"));
  return ExitCode::kOk;
}

ExitCode Forget(const std::string& contact, bool suppress,
                const Program& program) {
  v1::ForgetContactRequest request;
  request.set_contact(contact);
  request.set_suppress(suppress);
  return CallServer(&client::PortraitClient::pictures,
                    &v1::ProfilePictureService::Stub::ForgetContact, request,
                    program, [&](const v1::ForgetContactResponse& response) {
                      absl::PrintF(
                          "%s: %d records erased%s\n", contact,
                          response.records_erased(),
                          suppress ? "; it will not be looked up again" : "");
                      return ExitCode::kOk;
                    });
}

}  // namespace

void AddHistoryCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "history", "Shows the changes of a contact, newest first");
  auto flags = std::make_shared<HistoryFlags>();
  command->add_option("CONTACT", flags->contact, "Phone number or JID")
      ->required();
  command
      ->add_option("--limit", flags->limit,
                   "Maximum number of changes to show; 0 shows all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, &program] { program.exit_code = History(*flags, program); });
}

void AddForgetCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "forget",
      "Forgets a contact for the token's tenant. With an admin token, erases "
      "everything stored about the contact, for all tenants");
  struct ForgetFlags {
    std::string contact;
    bool suppress = false;
  };
  auto flags = std::make_shared<ForgetFlags>();
  command->add_option("CONTACT", flags->contact, "Phone number or JID")
      ->required();
  command->add_flag("--suppress", flags->suppress,
                    "Also refuse all future lookups of the contact, for all "
                    "tenants (an objection)");
  command->callback([flags, &program] {
    program.exit_code = Forget(flags->contact, flags->suppress, program);
  });
}

}  // namespace portrait::cli
