#include "client/cli/command_support.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/csv.h"
#include "client/cli/text_table.h"
#include "client/cli/trouble_text.h"
#include "core/contact/number_reader.h"

namespace portrait::cli {
namespace {

std::vector<std::string> NamesOf(absl::Span<const Column> columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) {
    names.push_back(absl::AsciiStrToUpper(column.name));
  }
  return names;
}

}  // namespace

void Complain(absl::string_view message) {
  absl::FPrintF(stderr, "portrait: %s\n", message);
}

ExitCode Complain(const absl::Status& status,
                  const client::PortraitClient& client) {
  const absl::string_view message = status.message();
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (IsUnreachable(status)) {
        Complain(absl::StrCat("cannot reach a server at ", client.server(),
                              ": ", TroubleText(status), ". ",
                              TroubleHint(status)));
        break;
      }
      Complain(absl::StrCat("the server at ", client.server(), ": ", message));
      break;
    case absl::StatusCode::kUnauthenticated:
      Complain(
          absl::StrCat("the server at ", client.server(),
                       " does not accept the token: ", message,
                       ". Give one with --token-file or PORTRAIT_TOKEN, or the "
                       "server's folder with --data-dir"));
      break;
    case absl::StatusCode::kUnimplemented:
      Complain(absl::StrCat("the server at ", client.server(),
                            " cannot do this: ", message));
      break;
    default:
      Complain(message);
  }
  return ExitCodeOf(status);
}

ExitCode ComplainOutput(const absl::Status& status) {
  if (absl::IsAborted(status)) return ExitCode::kBrokenPipe;
  Complain(status.message());
  return ExitCode::kUsage;
}

std::unique_ptr<client::PortraitClient> Connect(const Program& program) {
  absl::StatusOr<client::ClientOptions> options =
      ResolveConnection(program.connection);
  if (!options.ok()) {
    Complain(options.status().message());
    return nullptr;
  }
  auto client = client::PortraitClient::Make(*std::move(options));
  if (!client.ok()) {
    Complain(client.status().message());
    return nullptr;
  }
  return *std::move(client);
}

void AddLookupFlags(CLI::App& command, LookupFlags* flags) {
  command
      .add_option("--size", flags->size,
                  "Which URLs to give: full, preview, both or none (then only "
                  "registration and picture id are asked for)")
      ->check(CLI::IsMember({"full", "preview", "both", "none"}))
      ->capture_default_str();
  command.add_option("--max-age", flags->max_age,
                     "How old a stored answer may be: 30m, 24h, 7d; 0 asks "
                     "WhatsApp always; unset: the server's default (24h)");
  command.add_option("--session", flags->session,
                     "Ask through this linked account only");
  command.add_option("--default-country", flags->default_country,
                     "Country (DE, US) of numbers that are not written in "
                     "international form");
}

absl::StatusOr<v1::LookupOptions> LookupOptionsOf(const LookupFlags& flags) {
  v1::LookupOptions options;
  v1::PictureSize size = v1::PICTURE_SIZE_UNSPECIFIED;
  v1::PictureSize_Parse(
      absl::StrCat("PICTURE_SIZE_", absl::AsciiStrToUpper(flags.size)), &size);
  options.set_size(size);
  options.set_session(flags.session);
  if (!flags.max_age.empty()) {
    const auto age = ParseDuration("--max-age", flags.max_age);
    if (!age.ok()) return age.status();
    absl::Duration rest;
    options.mutable_max_age()->set_seconds(
        absl::IDivDuration(*age, absl::Seconds(1), &rest));
    options.mutable_max_age()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  }
  if (!flags.default_country.empty() && !IsCountry(flags.default_country)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--default-country ", flags.default_country,
                     ": expected a two-letter country code such as DE or US"));
  }
  return options;
}

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view flag,
                                             absl::string_view text) {
  absl::Duration duration;
  int64_t days = 0;
  const bool in_days = absl::EndsWith(text, "d") &&
                       absl::SimpleAtoi(text.substr(0, text.size() - 1), &days);
  constexpr int64_t kMostDays = 36'500;
  if (in_days && days <= kMostDays) duration = absl::Hours(24) * days;
  if ((!in_days && !absl::ParseDuration(text, &duration)) || days > kMostDays ||
      duration < absl::ZeroDuration() ||
      duration > absl::Hours(24) * kMostDays) {
    return absl::InvalidArgumentError(absl::StrCat(
        flag, " ", text, ": expected a duration such as 90s, 30m, 24h or 7d"));
  }
  return duration;
}

void AddFormatFlag(CLI::App& command, std::string* format) {
  command
      .add_option("--format", *format,
                  "table (default on a terminal), jsonl (default elsewhere) "
                  "or csv")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
}

OutputFormat ChooseFormat(const std::string& asked, bool terminal,
                          OutputFormat piped) {
  if (asked == "table") return OutputFormat::kTable;
  if (asked == "jsonl") return OutputFormat::kJsonLines;
  if (asked == "csv") return OutputFormat::kCsv;
  return terminal ? OutputFormat::kTable : piped;
}

RowPrinter::RowPrinter(OutputFormat format, absl::Span<const Column> columns,
                       std::vector<size_t> widths)
    : format_(format), columns_(columns), widths_(std::move(widths)) {}

void RowPrinter::Print(std::vector<std::string> values) {
  const bool first = !std::exchange(begun_, true);
  std::string text;
  switch (format_) {
    case OutputFormat::kJsonLines:
      text = absl::StrCat("{", JsonMembers(columns_, values), "}\n");
      break;
    case OutputFormat::kTable:
      if (widths_.empty()) {
        held_.push_back(std::move(values));
        return;
      }
      if (first) text = AlignRow(widths_, NamesOf(columns_));
      text += AlignRow(widths_, values);
      break;
    case OutputFormat::kCsv:
      for (const Column& column : columns_) {
        if (first) absl::StrAppend(&text, column.name, ",");
      }
      if (first) text.back() = '\n';
      for (size_t i = 0; i < values.size(); ++i) {
        AppendCsvField(GuardFormula(columns_[i].name, values[i]), ',', &text);
        text.push_back(',');
      }
      text.back() = '\n';
      break;
  }
  // The output keeps an error until Flush returns it.
  output_.Write(text).IgnoreError();
}

absl::Status RowPrinter::Flush() { return output_.Flush(); }

absl::Status RowPrinter::Finish() {
  if (!held_.empty()) {
    output_.Write(AlignTable(NamesOf(columns_), held_)).IgnoreError();
  }
  return output_.Close();
}

ExitCode PrintRows(const std::string& format, absl::Span<const Column> columns,
                   std::vector<std::vector<std::string>> rows) {
  RowPrinter printer(ChooseFormat(format, isatty(STDOUT_FILENO) != 0,
                                  OutputFormat::kJsonLines),
                     columns, {});
  for (std::vector<std::string>& row : rows) printer.Print(std::move(row));
  const absl::Status printed = printer.Finish();
  return printed.ok() ? ExitCode::kOk : ComplainOutput(printed);
}

}  // namespace portrait::cli
