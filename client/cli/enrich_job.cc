#include "client/cli/enrich_job.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "client/cli/complain.h"
#include "client/cli/text_table.h"
#include "core/base/files.h"

namespace portrait::cli {
namespace {

constexpr size_t kMaxPendingBytes = 64 * 1024 * 1024;
// The rows of a larger list are not counted before the first request.
constexpr uint64_t kMaxCountedBytes = 256 * 1024 * 1024;
// Rows that have their results and wait for their pictures, or for the picture
// of a row before them.
constexpr size_t kMaxRowsWithoutPicture = 256;

bool IsFile(const std::string& path) { return !path.empty() && path != "-"; }

OutputFormat FormatFor(const EnrichJobOptions& options, InputFormat input) {
  OutputFormat piped = input == InputFormat::kJsonLines
                           ? OutputFormat::kJsonLines
                           : OutputFormat::kCsv;
  if (absl::EndsWith(options.output, ".jsonl") ||
      absl::EndsWith(options.output, ".ndjson")) {
    piped = OutputFormat::kJsonLines;
  } else if (absl::EndsWith(options.output, ".csv")) {
    piped = OutputFormat::kCsv;
  }
  const bool terminal = !IsFile(options.output) && isatty(STDOUT_FILENO) != 0;
  return ChooseFormat(options.format.name, terminal, piped);
}

bool IsShown(ShowProgress show) {
  if (show == ShowProgress::kAuto) return isatty(STDERR_FILENO) != 0;
  return show == ShowProgress::kAlways;
}

}  // namespace

EnrichJob::EnrichJob(client::PortraitClient& client, EnrichJobOptions options)
    : client_(client),
      options_(std::move(options)),
      pending_(kMaxPendingBytes),
      output_(options_.output),
      samples_(options_.samples) {}

ExitCode EnrichJob::Run(Interrupt& interrupt) {
  if (absl::Status status = Prepare(interrupt); !status.ok()) {
    if (interrupt.interrupted()) return ExitCode::kInterrupted;
    Complain(status.message());
    return ExitCode::kUsage;
  }
  Complain(absl::StrCat(list_->name(), ": ", list_->Choices()));
  if (ahead_.has_value()) absl::FPrintF(stderr, "%s", ahead_->Format());
  if (options_.dry_run) return ShowFirstRows();
  const absl::Status status = Enrich(interrupt);
  return Conclude(status, interrupt.interrupted());
}

absl::Status EnrichJob::Prepare(Interrupt& interrupt) {
  if (absl::Status status = CheckFiles(); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<InputBuffer>> input =
      InputBuffer::Open(options_.input);
  if (!input.ok()) return input.status();
  if (output_.is_standard_output() && (*input)->IsSameFile(STDOUT_FILENO)) {
    return absl::InvalidArgumentError(
        "standard output is the same file as the list");
  }
  if (IsFile(options_.output) && (*input)->IsSameFile(options_.output)) {
    return absl::InvalidArgumentError(
        absl::StrCat("-o ", options_.output, " is the same file as the list"));
  }
  // The list owns the input from here on, and exists as long as the job.
  const Interrupt::Handler stop(interrupt,
                                [list = input->get()] { list->Cancel(); });
  absl::StatusOr<std::unique_ptr<TableReader>> list =
      TableReader::Open(*std::move(input), options_.table);
  if (!list.ok()) return list.status();
  list_ = *std::move(list);
  if (absl::Status status = MakeEncoder(); !status.ok()) return status;
  // Report the list's errors before the first request.
  absl::StatusOr<std::optional<ListSummary>> ahead = ReadAhead();
  if (!ahead.ok()) return ahead.status();
  ahead_ = *std::move(ahead);
  if (absl::Status status = FindPlace(); !status.ok()) return status;
  if (absl::Status status = PrepareImages(); !status.ok()) return status;
  std::optional<uint64_t> to_do;
  if (ahead_.has_value()) {
    to_do = ahead_->rows() - std::min(ahead_->rows(), resumed_.rows);
  }
  progress_line_ =
      std::make_unique<ProgressLine>(IsShown(options_.progress), to_do);
  return absl::OkStatus();
}

absl::Status EnrichJob::MakeEncoder() {
  const OutputFormat format = FormatFor(options_, list_->format());
  std::vector<ChosenColumn> ours = options_.columns;
  if (ours.empty()) {
    ours = DefaultColumns(options_.lookup, !options_.images.empty());
  }
  if (format == OutputFormat::kCsv) {
    absl::Status status = CheckNames(ours, list_->columns());
    if (!status.ok()) return status;
  }
  const bool file = IsFile(options_.output);
  encoder_.emplace(
      format, list_->format(), list_->columns(),
      RowEncoder::Style{.delimiter = list_->delimiter(),
                        .byte_order_mark = list_->had_byte_order_mark(),
                        .crlf = list_->has_crlf(),
                        .quoted_names = list_->quoted_names(),
                        .raw = options_.raw_csv,
                        .ours = std::move(ours),
                        .ours_in_table = !options_.columns.empty(),
                        .table_limit = file ? kNoLimit : StdoutLimit()});
  return absl::OkStatus();
}

size_t EnrichJob::StdoutLimit() const {
  return TableLimit(options_.format.wide, STDOUT_FILENO);
}

absl::Status EnrichJob::FindPlace() {
  if (!options_.resume) return absl::OkStatus();
  if (encoder_->format() == OutputFormat::kTable) {
    return absl::InvalidArgumentError(
        "--resume: a table cannot be continued; use --format csv or jsonl");
  }
  absl::StatusOr<ResumePoint> point =
      FindResumePoint(options_.output, *encoder_, *list_);
  if (!point.ok()) return point.status();
  resumed_ = *std::move(point);
  output_.ContinueAfter(resumed_.bytes);
  header_written_ = resumed_.bytes > 0;
  return absl::OkStatus();
}

absl::Status EnrichJob::PrepareImages() {
  if (options_.images.empty() || options_.dry_run) return absl::OkStatus();
  images_ = std::make_unique<PictureDownloads>(client_, options_.images,
                                               /*thumbnail_pixels=*/0);
  return MakeFolder(options_.images);
}

absl::Status EnrichJob::CheckFiles() const {
  if (options_.resume && !IsFile(options_.output)) {
    return absl::InvalidArgumentError(
        "--resume needs the output of the interrupted run: -o FILE");
  }
  return output_.Check();
}

absl::StatusOr<std::optional<ListSummary>> EnrichJob::ReadAhead() const {
  const std::optional<uint64_t> size = list_->size_bytes();
  if (!IsFile(options_.input) || !size.has_value() ||
      *size > kMaxCountedBytes) {
    return std::nullopt;
  }
  absl::StatusOr<std::unique_ptr<InputBuffer>> input =
      InputBuffer::Open(options_.input);
  if (!input.ok()) return input.status();
  const absl::StatusOr<std::unique_ptr<TableReader>> list =
      TableReader::Open(*std::move(input), options_.table);
  if (!list.ok()) return list.status();
  InputRow row;
  ListSummary summary;
  while (true) {
    const absl::StatusOr<bool> more = (*list)->Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return summary;
    if (const auto begun = encoder_->Begin(row); !begun.ok()) {
      return begun.status();
    }
    summary.Add(row);
  }
}

absl::Status EnrichJob::Enrich(Interrupt& interrupt) {
  client::BulkOptions bulk;
  bulk.lookup = options_.lookup;
  bulk.window.ordered = true;
  bulk.retry_for = options_.retry_for;
  bulk.on_progress = [this](const client::BulkProgress& progress) {
    OnProgress(progress);
  };
  bulk.stop_source = [this] {
    pending_.Close();
    list_->Cancel();
  };
  client::BulkEnricher enricher(client_, bulk);
  const Interrupt::Handler stop(interrupt, [this, &enricher] {
    enricher.Cancel();
    if (images_ != nullptr) images_->Cancel();
  });
  const absl::Status status = enricher.Run(
      [this] { return Next(); },
      [this](v1::EnrichResult result) { return Save(std::move(result)); });
  const absl::Status written = WriteRows(/*left=*/0);
  return status.ok() ? written : status;
}

absl::StatusOr<std::optional<v1::EnrichItem>> EnrichJob::Next() {
  InputRow row;
  if (resumed_.next_row.has_value()) {
    row = *std::exchange(resumed_.next_row, std::nullopt);
  } else {
    const absl::StatusOr<bool> more = list_->Next(&row);
    if (!more.ok()) {
      // If stop_source cancelled the read, that is not an error of the list.
      if (!absl::IsCancelled(more.status())) input_status_ = more.status();
      return more.status();
    }
    if (!*more) return std::nullopt;
  }
  absl::StatusOr<std::string> record = encoder_->Begin(row);
  if (!record.ok()) return input_status_ = record.status();
  v1::EnrichItem item;
  // For an empty contact the server makes no lookup, and the row keeps its
  // place.
  item.set_contact(row.asked);
  if (!pending_.Push({row.contact, *std::move(record), row.refusal})) {
    return std::nullopt;
  }
  return item;
}

ExitCode EnrichJob::ShowFirstRows() {
  constexpr int kRows = 10;
  std::vector<std::vector<std::string>> rows;
  InputRow row;
  for (int i = 0; i < kRows; ++i) {
    const absl::StatusOr<bool> more = list_->Next(&row);
    if (!more.ok()) Complain(more.status().message());
    if (!more.ok()) return ExitCode::kUsage;
    if (!*more) break;
    rows.push_back(
        {absl::StrCat(row.line), row.contact, row.asked, row.refusal});
  }
  const TableLayout table({{"LINE", 6, /*whole=*/true, 2},
                           {"CELL", 30, /*whole=*/false, 0},
                           {"ASKED", 24, /*whole=*/false, 0},
                           {"REFUSED", 30, /*whole=*/false, 1}},
                          StdoutLimit());
  absl::PrintF("%s", table.Header());
  for (const std::vector<std::string>& cells : rows) {
    absl::PrintF("%s", table.Row(cells));
  }
  return ExitCode::kOk;
}

absl::Status EnrichJob::Save(v1::EnrichResult result) {
  if (absl::Status status = WriteHeader(); !status.ok()) return status;
  UnwrittenRow row = {pending_.Pop(), std::move(result), {}};
  if (!row.row.refusal.empty() && row.result.has_error()) {
    row.result.mutable_error()->set_message(row.row.refusal);
  }
  const v1::ProfilePicture& picture = row.result.profile_picture();
  if (images_ != nullptr && picture.state() == v1::PICTURE_STATE_AVAILABLE) {
    row.image = images_->Start(picture);
  }
  unwritten_.push_back(std::move(row));
  return WriteRows(images_ == nullptr ? 0 : kMaxRowsWithoutPicture);
}

absl::Status EnrichJob::WriteRows(size_t left) {
  while (!unwritten_.empty()) {
    UnwrittenRow& row = unwritten_.front();
    PictureOutcome image;
    if (row.image.valid()) {
      const bool is_ready = row.image.wait_for(std::chrono::seconds(0)) ==
                            std::future_status::ready;
      if (!is_ready && unwritten_.size() <= left) return absl::OkStatus();
      image = row.image.get();
      // The user has interrupted the run; --resume looks the row up again.
      if (image.call.error_code() == grpc::StatusCode::CANCELLED) {
        return absl::CancelledError("interrupted");
      }
    }
    if (absl::Status status = WriteRow(row, image); !status.ok()) return status;
    unwritten_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status EnrichJob::WriteRow(const UnwrittenRow& row,
                                 const PictureOutcome& image) {
  std::string record = row.row.record;
  encoder_->Finish(row.result, &record, image);
  summary_.Add(row.result);
  if (!image.ok()) summary_.AddUnsavedImage();
  samples_.Add(row.row.contact, row.result);
  if (output_.is_standard_output()) progress_line_->Clear();
  output_status_ = output_.Write(record);
  return output_status_;
}

absl::Status EnrichJob::WriteHeader() {
  const bool there = std::exchange(header_written_, true);
  if (!there) {
    output_status_ = output_.Write(absl::StrCat(
        encoder_->mark_bytes() > 0 ? "\xEF\xBB\xBF" : "", encoder_->Header()));
  }
  return output_status_;
}

void EnrichJob::OnProgress(const client::BulkProgress& progress) {
  progress_ = progress;
  if (output_status_.ok()) output_status_ = output_.Flush();
  progress_line_->Draw(progress, absl::Now());
}

ExitCode EnrichJob::Conclude(const absl::Status& status, bool interrupted) {
  progress_line_->Clear();
  // Answered rows are kept, whatever ended the run. But if the server never
  // answered, an earlier output stays unchanged.
  const bool nothing = !status.ok() && summary_.rows() == 0;
  if (!nothing && WriteHeader().ok()) output_status_ = output_.Close();
  if (!output_status_.ok() && absl::IsAborted(output_status_)) {
    return ExitCode::kBrokenPipe;
  }
  Summarize();
  if (!output_status_.ok()) {
    Complain(absl::StrCat(output_status_.message(), HowToGoOn()));
    return ExitCode::kUsage;
  }
  if (interrupted && !status.ok()) {
    Complain(absl::StrCat("interrupted", HowToGoOn()));
    return ExitCode::kInterrupted;
  }
  if (!input_status_.ok()) {
    Complain(absl::StrCat(input_status_.message(), HowToGoOn()));
    return ExitCode::kUsage;
  }
  if (!status.ok()) {
    const ExitCode code = Complain(status, client_);
    if (const std::string how = HowToGoOn(); !how.empty()) {
      Complain(absl::StrCat("not finished", how));
    }
    return client::IsTransient(status.code()) ? ExitCode::kUnreachable : code;
  }
  if (summary_.rows() == 0 && resumed_.rows == 0) {
    Complain(absl::StrCat(list_->name(), " contains no contacts"));
  }
  return summary_.not_looked_up() > 0 ? ExitCode::kSomeFailed : ExitCode::kOk;
}

void EnrichJob::Summarize() const {
  if (summary_.rows() == 0 && resumed_.rows == 0) return;
  if (encoder_->format() == OutputFormat::kTable) {
    TellLeftOut(encoder_->layout().LeftOut());
  }
  absl::FPrintF(
      stderr, "%s",
      samples_.Format(TableLimit(options_.format.wide, STDERR_FILENO)));
  absl::FPrintF(stderr, "%s",
                summary_.Format(progress_, absl::Now() - started_));
  if (resumed_.rows > 0) {
    absl::FPrintF(stderr, "%s rows were kept from the earlier run\n",
                  WithCommas(resumed_.rows));
  }
  if (!output_.is_standard_output() && output_status_.ok()) {
    absl::FPrintF(stderr, "written to %s\n", output_.name());
  }
}

std::string EnrichJob::HowToGoOn() const {
  constexpr absl::string_view kCommand =
      ". To continue, run the same command with --resume";
  const bool there = resumed_.rows > 0 || output_.can_be_continued();
  if (!there || encoder_->format() == OutputFormat::kTable) return "";
  // Records that were buffered when the disk was full are not in the file.
  if (!output_status_.ok())
    return absl::StrCat("; the rows in the output are kept", kCommand);
  const uint64_t rows = resumed_.rows + summary_.rows();
  return absl::StrCat("; ", WithCommas(rows), " rows are in ", output_.name(),
                      kCommand);
}

}  // namespace portrait::cli
