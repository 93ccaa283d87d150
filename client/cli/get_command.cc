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
#include "client/cli/cell_reader.h"
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
  ExitCode exit_code = ExitCode::kOk;
  for (const std::string& contact : flags.contacts) {
    const CellReading read = ReadCell(contact, flags.lookup.default_country);
    v1::GetProfilePictureRequest request;
    // A refused contact is sent as written, so that the server reports the
    // error; a country could change how the server reads an accepted one.
    request.set_contact(read.refusal.empty() ? read.asked : contact);
    if (!read.refusal.empty() && !flags.lookup.default_country.empty()) {
      exit_code = std::max(exit_code, ExitCode::kUsage);
      v1::EnrichResult refused;
      refused.mutable_error()->set_reason(v1::ERROR_REASON_INVALID_CONTACT);
      refused.mutable_error()->set_message(read.refusal);
      if (absl::Status printed = printer.Print(contact, refused);
          !printed.ok()) {
        return ComplainOutput(printed);
      }
      continue;
    }
    request.set_existing_id(flags.existing_id);
    *request.mutable_options() = *options;
    v1::GetProfilePictureResponse response;
    const auto context = client->NewContext(kCallTimeout);
    const Interrupt::Handler stop(program.interrupt,
                                  [&context] { context->TryCancel(); });
    const grpc::Status status =
        client->pictures().GetProfilePicture(context.get(), request, &response);
    if (program.interrupt.interrupted()) return ExitCode::kInterrupted;
    v1::EnrichResult result;
    if (status.ok()) {
      *result.mutable_profile_picture() =
          std::move(*response.mutable_profile_picture());
    } else {
      *result.mutable_error() = client::LookupErrorOf(status);
      const ExitCode code = ExitCodeOf(client::ToStatus(status));
      exit_code = std::max(exit_code, code);
      if (!IsAboutContact(status, result.error())) {
        return Complain(client::ToStatus(status), *client);
      }
    }
    if (absl::Status printed = printer.Print(contact, result); !printed.ok()) {
      return ComplainOutput(printed);
    }
  }
  return exit_code;
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
