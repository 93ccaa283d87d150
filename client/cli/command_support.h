// Functions that several commands use: connecting, choosing a format, printing
// errors.
#ifndef PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_
#define PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/commands.h"
#include "client/cli/complain.h"
#include "client/cli/exit_code.h"
#include "client/cli/row_printer.h"
#include "client/portrait_client.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

// The deadline of unary calls that have no flag for it.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(60);

// Prints the error and returns null on failure.
std::unique_ptr<client::PortraitClient> Connect(const Program& program);

// The flags that set LookupOptions.
struct LookupFlags {
  std::string size = "full";
  std::string max_age = "";  // empty: the server's default
  std::string session = "";
  std::string default_country = "";
  bool shared_by = false;
};
void AddLookupFlags(CLI::App& command, LookupFlags* flags);
// Errors: INVALID_ARGUMENT naming the flag.
absl::StatusOr<v1::LookupOptions> LookupOptionsOf(const LookupFlags& flags);

// Parses "24h", "1h30m", "7d", "0". Negative durations are refused.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view flag,
                                             absl::string_view text);

void AddFormatFlag(CLI::App& command, FormatFlags* format);
void AddWideFlag(CLI::App& command, bool* wide);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMMAND_SUPPORT_H_
