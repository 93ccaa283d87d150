// portrait get CONTACT…
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/bulk_enricher.h"
#include "client/call_error.h"
#include "client/cli/column_choice.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/contact_error.h"
#include "client/cli/show_picture.h"
#include "client/cli/text_table.h"

namespace portrait::cli {
namespace {

struct GetFlags {
  std::vector<std::string> contacts;
  std::string existing_id;
  bool show = false;
  FormatFlags format;
  LookupFlags lookup;
};

// The column with the contact as written, followed by `ours`.
std::vector<Column> ColumnsWithContact(const std::vector<ChosenColumn>& ours) {
  std::vector<Column> columns = {
      {"contact", ColumnKind::kText, "the contact as it was written"}};
  for (const ChosenColumn& column : ours) {
    columns.push_back(ResultColumns()[column.index]);
  }
  return columns;
}

// Prints results one by one: as blocks of fields, or as rows.
class AnswerPrinter {
 public:
  // `show` draws the picture below each result.
  AnswerPrinter(const FormatFlags& format, std::vector<ChosenColumn> ours,
                std::function<void(const v1::EnrichResult&)> show)
      : ours_(std::move(ours)),
        show_(std::move(show)),
        columns_(ColumnsWithContact(ours_)),
        printer_(format, columns_, RowPrinter::Rows::kWhole) {
    for (const Column& column : columns_) names_.emplace_back(column.name);
  }

  absl::Status Print(const std::string& contact,
                     const v1::EnrichResult& result) {
    const std::vector<std::string> all = ResultValues(result);
    std::vector<std::string> values = {contact};
    for (const ChosenColumn& column : ours_)
      values.push_back(all[column.index]);
    if (printer_.format() != OutputFormat::kTable) {
      printer_.Print(std::move(values));
      return printer_.Flush();
    }
    if (result.has_error()) {
      Complain(absl::StrCat(contact, ": ", result.error().message()));
      return absl::OkStatus();
    }
    absl::Status status = blocks_.Write(
        absl::StrCat(printed_++ > 0 ? "\n" : "", AlignFields(names_, values)));
    if (status.ok()) status = blocks_.Flush();
    if (status.ok() && show_) show_(result);
    return status;
  }

 private:
  const std::vector<ChosenColumn> ours_;
  const std::function<void(const v1::EnrichResult&)> show_;
  const std::vector<Column> columns_;
  std::vector<std::string> names_;
  RowPrinter printer_;
  OutputFile blocks_{""};
  int printed_ = 0;
};

// The server's answer about one contact.
struct Answer {
  v1::EnrichResult result;
  grpc::Status status;
};

Answer LookUp(const v1::GetProfilePictureRequest& request,
              client::PortraitClient& client, Program& program) {
  Answer answer;
  v1::GetProfilePictureResponse response;
  const auto context = client.NewContext(kCallTimeout);
  const Interrupt::Handler stop(program.interrupt,
                                [&context] { context->TryCancel(); });
  answer.status =
      client.pictures().GetProfilePicture(context.get(), request, &response);
  if (answer.status.ok()) {
    *answer.result.mutable_profile_picture() =
        std::move(*response.mutable_profile_picture());
  } else {
    *answer.result.mutable_error() = client::LookupErrorOf(answer.status);
  }
  return answer;
}

ExitCode GetOne(const std::string& contact,
                v1::GetProfilePictureRequest request, AnswerPrinter& printer,
                client::PortraitClient& client, Program& program) {
  request.set_contact(contact);
  const Answer answer = LookUp(request, client, program);
  if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
  const absl::Status status = client::ToStatus(answer.status);
  if (!status.ok() && !IsAboutContact(answer.status, answer.result.error())) {
    return Complain(status, client);
  }
  const absl::Status printed = printer.Print(contact, answer.result);
  return printed.ok() ? ExitCodeOf(status) : ComplainOutput(printed);
}

// Looks up several contacts over one stream, and prints them in their order.
ExitCode GetAll(const std::vector<std::string>& contacts,
                const v1::GetProfilePictureRequest& request,
                AnswerPrinter& printer, client::PortraitClient& client,
                Program& program) {
  client::BulkOptions bulk;
  bulk.lookup = request.options();
  bulk.window.ordered = true;
  bulk.retry_for = absl::ZeroDuration();  // like a call for one contact
  client::BulkEnricher enricher(client, bulk);
  const Interrupt::Handler stop(program.interrupt,
                                [&enricher] { enricher.Cancel(); });
  ExitCode exit_code = ExitCode::kOk;
  absl::Status printed;
  const absl::Status status = enricher.Run(
      [&, next = contacts.begin()]() mutable
      -> absl::StatusOr<std::optional<v1::EnrichItem>> {
        if (next == contacts.end()) return std::nullopt;
        v1::EnrichItem item;
        item.set_tag(static_cast<uint64_t>(next - contacts.begin()));
        item.set_contact(*next++);
        item.set_existing_id(request.existing_id());
        return item;
      },
      [&](const v1::EnrichResult& result) {
        if (result.has_error()) {
          exit_code = std::max(exit_code, ExitCodeOfError(result.error()));
        }
        return printed = printer.Print(contacts[result.tag()], result);
      });
  if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
  if (!printed.ok()) return ComplainOutput(printed);
  return status.ok() ? exit_code : Complain(status, client);
}

ExitCode Get(const GetFlags& flags, Program& program) {
  const absl::StatusOr<v1::LookupOptions> options =
      LookupOptionsOf(flags.lookup);
  if (!options.ok()) {
    Complain(options.status().message());
    return ExitCode::kUsage;
  }
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  std::function<void(const v1::EnrichResult&)> show;
  if (flags.show) {
    show = [&](const v1::EnrichResult& result) {
      ShowPicture(result, *client, program.interrupt);
    };
  }
  AnswerPrinter printer(flags.format, DefaultColumns(*options),
                        std::move(show));
  v1::GetProfilePictureRequest request;
  request.set_existing_id(flags.existing_id);
  *request.mutable_options() = *options;
  // The server reads national numbers.
  request.mutable_options()->set_default_country(flags.lookup.default_country);
  if (flags.contacts.size() > 1) {
    return GetAll(flags.contacts, request, printer, *client, program);
  }
  return GetOne(flags.contacts.front(), std::move(request), printer, *client,
                program);
}

}  // namespace

void AddGetCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "get", "Looks up contacts: phone numbers (+13105551234) or JIDs");
  auto flags = std::make_shared<GetFlags>();
  command->add_option("CONTACT", flags->contacts, "Phone number or JID")
      ->required();
  command->add_option("--existing-id", flags->existing_id,
                      "Picture id that you already have. If it is still "
                      "current, the answer is \"unchanged\" without a URL");
  command->add_flag("--show", flags->show,
                    "Draw each picture below its result, if this is a terminal "
                    "and the server serves images");
  AddLookupFlags(*command, &flags->lookup);
  AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, &program] { program.exit_code = Get(*flags, program); });
}

}  // namespace portrait::cli
