// portrait get CONTACT…
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/call_error.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/text_table.h"

namespace portrait::cli {
namespace {

struct GetFlags {
  std::vector<std::string> contacts;
  std::string existing_id;
  std::string format;
  LookupFlags lookup;
};

// The column with the contact as written, followed by the result columns.
std::vector<Column> ColumnsWithContact() {
  std::vector<Column> columns = {
      {"contact", ColumnKind::kText, "as it was written"}};
  const auto ours = ResultColumns();
  columns.insert(columns.end(), ours.begin(), ours.end());
  return columns;
}

// Whether a failed call concerns only its contact, so that the next contact may
// still be looked up.
bool IsAboutContact(const grpc::Status& status, const v1::LookupError& error) {
  return status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ||
         (error.reason() != v1::ERROR_REASON_UNSPECIFIED &&
          error.reason() != v1::ERROR_REASON_UNAUTHENTICATED &&
          error.reason() != v1::ERROR_REASON_PERMISSION_DENIED &&
          error.reason() != v1::ERROR_REASON_SHUTTING_DOWN &&
          status.error_code() != grpc::StatusCode::FAILED_PRECONDITION);
}

// Prints results one by one: as blocks of fields, or as rows.
class AnswerPrinter {
 public:
  explicit AnswerPrinter(OutputFormat format)
      : format_(format),
        columns_(ColumnsWithContact()),
        printer_(format, columns_, {}) {
    for (const Column& column : columns_) names_.emplace_back(column.name);
  }

  absl::Status Print(const std::string& contact,
                     const v1::EnrichResult& result) {
    std::vector<std::string> values = ResultValues(result);
    values.insert(values.begin(), contact);
    if (format_ != OutputFormat::kTable) {
      printer_.Print(std::move(values));
      return printer_.Flush();
    }
    if (result.has_error()) {
      Complain(absl::StrCat(contact, ": ", result.error().message()));
      return absl::OkStatus();
    }
    absl::Status status = blocks_.Write(
        absl::StrCat(printed_++ > 0 ? "\n" : "", AlignFields(names_, values)));
    return status.ok() ? blocks_.Flush() : status;
  }

 private:
  const OutputFormat format_;
  const std::vector<Column> columns_;
  std::vector<std::string> names_;
  RowPrinter printer_;
  OutputFile blocks_{""};
  int printed_ = 0;
};

// What the server answers about one contact.
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

ExitCode GetAll(const std::vector<std::string>& contacts,
                v1::GetProfilePictureRequest request, AnswerPrinter& printer,
                client::PortraitClient& client, Program& program) {
  ExitCode exit_code = ExitCode::kOk;
  for (const std::string& contact : contacts) {
    request.set_contact(contact);
    const Answer answer = LookUp(request, client, program);
    if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
    if (!answer.status.ok()) {
      const absl::Status status = client::ToStatus(answer.status);
      exit_code = std::max(exit_code, ExitCodeOf(status));
      if (!IsAboutContact(answer.status, answer.result.error())) {
        return Complain(status, client);
      }
    }
    if (absl::Status printed = printer.Print(contact, answer.result);
        !printed.ok()) {
      return ComplainOutput(printed);
    }
  }
  return exit_code;
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
  AnswerPrinter printer(ChooseFormat(flags.format, isatty(STDOUT_FILENO) != 0,
                                     OutputFormat::kJsonLines));
  v1::GetProfilePictureRequest request;
  request.set_existing_id(flags.existing_id);
  *request.mutable_options() = *options;
  // The server reads national numbers.
  request.mutable_options()->set_default_country(flags.lookup.default_country);
  return GetAll(flags.contacts, std::move(request), printer, *client, program);
}

}  // namespace

void AddGetCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "get", "Looks up contacts: phone numbers (+13105551234) or JIDs");
  auto flags = std::make_shared<GetFlags>();
  command->add_option("CONTACT", flags->contacts, "Whom to look up")
      ->required();
  command->add_option("--existing-id", flags->existing_id,
                      "A picture id you have: when it is still current the "
                      "answer is \"unchanged\", without a URL");
  AddLookupFlags(*command, &flags->lookup);
  AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, &program] { program.exit_code = Get(*flags, program); });
}

}  // namespace portrait::cli
