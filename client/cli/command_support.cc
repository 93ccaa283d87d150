#include "client/cli/command_support.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/contact/number_reader.h"

namespace portrait::cli {

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
                  "URLs to return: full, preview, both, or none (to look up "
                  "only the registration and the picture id)")
      ->check(CLI::IsMember({"full", "preview", "both", "none"}))
      ->capture_default_str();
  command.add_option(
      "--max-age", flags->max_age,
      "Maximum age of a stored answer, such as 30m, 24h or 7d. 0 always "
      "queries WhatsApp. If unset, the server's default applies (24h)");
  command.add_option("--session", flags->session,
                     "Use only the linked account with this session name");
  command.add_flag("--shared-by", flags->shared_by,
                   "Also say how many other contacts have a picture that looks "
                   "the same; needs a server with --images, and a token with "
                   "the rights images and likeness");
  command.add_option("--default-country", flags->default_country,
                     "Country (such as DE or US) of numbers that are not in "
                     "international form");
}

absl::StatusOr<v1::LookupOptions> LookupOptionsOf(const LookupFlags& flags) {
  v1::LookupOptions options;
  v1::PictureSize size = v1::PICTURE_SIZE_UNSPECIFIED;
  v1::PictureSize_Parse(
      absl::StrCat("PICTURE_SIZE_", absl::AsciiStrToUpper(flags.size)), &size);
  options.set_size(size);
  options.set_session(flags.session);
  options.set_shared_by(flags.shared_by);
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

void AddFormatFlag(CLI::App& command, FormatFlags* format) {
  command
      .add_option("--format", format->name,
                  "Output format: table (default on a terminal), jsonl "
                  "(default otherwise) or csv")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
  AddWideFlag(command, &format->wide);
}

void AddWideFlag(CLI::App& command, bool* wide) {
  command.add_flag(
      "--wide", *wide,
      "Show every column of a table, even if it is wider than the terminal");
}

}  // namespace portrait::cli
