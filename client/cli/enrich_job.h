// EnrichJob is one run of `portrait enrich`: it reads a list and writes it with
// our columns added, in the same order.
#ifndef PORTRAIT_CLIENT_CLI_ENRICH_JOB_H_
#define PORTRAIT_CLIENT_CLI_ENRICH_JOB_H_

#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/bulk_enricher.h"
#include "client/cli/column_choice.h"
#include "client/cli/enrich_samples.h"
#include "client/cli/enrich_summary.h"
#include "client/cli/exit_code.h"
#include "client/cli/interrupt.h"
#include "client/cli/list_summary.h"
#include "client/cli/output_file.h"
#include "client/cli/pending_rows.h"
#include "client/cli/picture_downloads.h"
#include "client/cli/progress_line.h"
#include "client/cli/resume.h"
#include "client/cli/row_encoder.h"
#include "client/cli/row_printer.h"
#include "client/cli/table_reader.h"
#include "client/portrait_client.h"

namespace portrait::cli {

enum class ShowProgress { kAuto, kAlways, kNever };

struct EnrichJobOptions {
  std::string input = "-";   // a file, or "-": standard input
  std::string output = "-";  // a file, or "-": standard output
  FormatFlags format;        // without a name: chosen by the output
  // Our columns; empty: the usual ones.
  std::vector<ChosenColumn> columns = {};
  TableOptions table;
  bool raw_csv = false;
  bool dry_run = false;  // only show how the first rows are read
  bool resume = false;
  v1::LookupOptions lookup;
  ShowProgress progress = ShowProgress::kAuto;
  absl::Duration retry_for = absl::Minutes(2);
  size_t samples = 0;       // number of each kind to show at the end
  std::string images = "";  // a folder for the pictures; empty: none
};

// A row whose result has arrived.
struct UnwrittenRow {
  PendingRow row;
  v1::EnrichResult result;
  std::future<PictureOutcome> image;  // invalid: there is none to wait for
};

// Thread-compatible; one object is one run. Borrows the client.
class EnrichJob {
 public:
  EnrichJob(client::PortraitClient& client, EnrichJobOptions options);

  // Reports the outcome on standard error.
  ExitCode Run(Interrupt& interrupt);

 private:
  // 1. Opens the list, and reads the output if it is resumed.
  absl::Status Prepare(Interrupt& interrupt);
  absl::Status CheckFiles() const;
  absl::Status MakeEncoder();
  size_t StdoutLimit() const;  // of tables
  absl::Status FindPlace();    // of --resume
  absl::Status PrepareImages();
  ExitCode ShowFirstRows();
  // If the list is a file, reads it once before the first request.
  absl::StatusOr<std::optional<ListSummary>> ReadAhead() const;
  // 2. Looks up every row: Next is the source and Save the sink of the run.
  absl::Status Enrich(Interrupt& interrupt);
  absl::StatusOr<std::optional<v1::EnrichItem>> Next();
  absl::Status Save(v1::EnrichResult result);
  // Writes rows whose pictures are saved, and waits for pictures until at most
  // `left` rows wait.
  absl::Status WriteRows(size_t left);
  absl::Status WriteRow(const UnwrittenRow& row, const PictureOutcome& image);
  absl::Status WriteHeader();  // unless the output already has it
  void OnProgress(const client::BulkProgress& progress);
  // 3. Closes the output and reports the outcome.
  ExitCode Conclude(const absl::Status& status, bool interrupted);
  void Summarize() const;
  std::string HowToGoOn() const;

  client::PortraitClient& client_;
  const EnrichJobOptions options_;
  const absl::Time started_ = absl::Now();

  // Used only by the thread that reads the list, once it has started.
  std::unique_ptr<TableReader> list_;
  std::optional<RowEncoder> encoder_;  // constant after Prepare
  std::optional<ListSummary> ahead_;   // likewise
  ResumePoint resumed_;
  absl::Status input_status_;

  std::unique_ptr<PictureDownloads> images_;  // null: none are saved

  PendingRows pending_;
  // Used only by the thread that writes.
  OutputFile output_;
  bool header_written_ = false;
  absl::Status output_status_;
  std::deque<UnwrittenRow> unwritten_;
  std::unique_ptr<ProgressLine> progress_line_;
  client::BulkProgress progress_;
  EnrichSummary summary_;
  EnrichSamples samples_;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_ENRICH_JOB_H_
