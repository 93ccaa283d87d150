// Functions that several commands use: connecting, choosing a format, printing
// errors.
#ifndef PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_
#define PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/cli/columns.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/output_file.h"
#include "client/cli/row_encoder.h"
#include "client/portrait_client.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

// The deadline of unary calls that have no flag for it.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(60);

// Prints "portrait: MESSAGE" on standard error.
void Complain(absl::string_view message);

// Prints the error of a failed call to `client`, with advice.
ExitCode Complain(const absl::Status& status,
                  const client::PortraitClient& client);

// Prints the error of an output that cannot be written; prints nothing if its
// reader has ended, as usual for programs in a pipe.
ExitCode ComplainOutput(const absl::Status& status);

// Prints the error and returns null on failure.
std::unique_ptr<client::PortraitClient> Connect(const Program& program);

// The flags that set LookupOptions.
struct LookupFlags {
  std::string size = "full";
  std::string max_age = "";  // empty: the server's default
  std::string session = "";
  std::string default_country = "";
};
void AddLookupFlags(CLI::App& command, LookupFlags* flags);
// Errors: INVALID_ARGUMENT naming the flag.
absl::StatusOr<v1::LookupOptions> LookupOptionsOf(const LookupFlags& flags);

// Parses "24h", "1h30m", "7d", "0". Negative durations are refused.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view flag,
                                             absl::string_view text);

void AddFormatFlag(CLI::App& command, std::string* format);
// The requested format; without one, a table on a terminal and `piped`
// otherwise.
OutputFormat ChooseFormat(const std::string& asked, bool terminal,
                          OutputFormat piped);

// Writes rows with the same columns to standard output. CSV gets a header line.
class RowPrinter {
 public:
  // `widths` are needed for a table whose rows are written one by one; if they
  // are empty, Finish writes the whole table.
  RowPrinter(OutputFormat format, absl::Span<const Column> columns,
             std::vector<size_t> widths);

  void Print(std::vector<std::string> values);
  // Writes rows that were held back. Returns an error if standard output is
  // closed.
  absl::Status Flush();
  absl::Status Finish();

 private:
  const OutputFormat format_;
  const absl::Span<const Column> columns_;
  const std::vector<size_t> widths_;
  OutputFile output_{""};
  bool begun_ = false;
  // Rows of a table without widths.
  std::vector<std::vector<std::string>> held_;
};

// Prints `rows` in the requested format; without one, a table on a terminal and
// JSON lines otherwise. Prints the error on failure.
ExitCode PrintRows(const std::string& format, absl::Span<const Column> columns,
                   std::vector<std::vector<std::string>> rows);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_
