// What the commands have in common: connecting, choosing a format, telling what
// went wrong.
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

// Unary calls that no flag bounds.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(60);

// "portrait: MESSAGE" on standard error.
void Complain(absl::string_view message);

// Complains about a call to `client` that failed, with what to do about it.
ExitCode Complain(const absl::Status& status,
                  const client::PortraitClient& client);

// Complains about an output that cannot be written; silently where its reader
// has gone, as programs in a pipe do.
ExitCode ComplainOutput(const absl::Status& status);

// Complains where it fails.
std::unique_ptr<client::PortraitClient> Connect(const Program& program);

// How an answer is looked up, as flags have it.
struct LookupFlags {
  std::string size = "full";
  std::string max_age = "";  // empty: the server's default
  std::string session = "";
  std::string default_country = "";
};
void AddLookupFlags(CLI::App& command, LookupFlags* flags);
// Errors: INVALID_ARGUMENT naming the flag.
absl::StatusOr<v1::LookupOptions> LookupOptionsOf(const LookupFlags& flags);

// "24h", "1h30m", "7d", "0". Not negative.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view flag,
                                             absl::string_view text);

void AddFormatFlag(CLI::App& command, std::string* format);
// The format that was asked for; else a table for a terminal, `piped` for
// anything else.
OutputFormat ChooseFormat(const std::string& asked, bool terminal,
                          OutputFormat piped);

// Writes rows of one kind to standard output. CSV gets a header line.
class RowPrinter {
 public:
  // `widths`: of a table whose rows come one by one; empty: the table is
  // written as a whole, by Finish.
  RowPrinter(OutputFormat format, absl::Span<const Column> columns,
             std::vector<size_t> widths);

  void Print(std::vector<std::string> values);
  // Until here rows may be held back. An error when standard output is gone.
  absl::Status Flush();
  absl::Status Finish();

 private:
  const OutputFormat format_;
  const absl::Span<const Column> columns_;
  const std::vector<size_t> widths_;
  OutputFile output_{""};
  bool begun_ = false;
  std::vector<std::vector<std::string>> held_;  // a table without widths
};

// Prints `rows` in the format that was asked for; a terminal gets a table,
// unasked, anything else JSON lines. Complains where it fails.
ExitCode PrintRows(const std::string& format, absl::Span<const Column> columns,
                   std::vector<std::vector<std::string>> rows);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_
