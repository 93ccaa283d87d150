// portrait token create|list|revoke
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

constexpr char kRolePrefix[] = "ROLE_";
constexpr char kRightPrefix[] = "RIGHT_";

// RIGHT_WATCH_ALL → "watch-all".
std::string NameOf(v1::Right right) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(
      absl::StripPrefix(v1::Right_Name(right), kRightPrefix), {{"_", "-"}}));
}

std::vector<std::string> RightNames() {
  std::vector<std::string> names;
  for (int right = v1::RIGHT_UNSPECIFIED + 1; right <= v1::Right_MAX; ++right) {
    names.push_back(NameOf(static_cast<v1::Right>(right)));
  }
  return names;
}

constexpr Column kTokenColumns[] = {
    {"token", ColumnKind::kWhole, "id of the token, for token revoke"},
    {"tenant", ColumnKind::kText, "tenant, whose lookups are counted together"},
    {"role", ColumnKind::kWhole, "lookup or admin", 1},
    {"may", ColumnKind::kText, "rights of the token", 2},
    {"quota", ColumnKind::kNumber, "maximum lookups per month; empty: no limit",
     4},
    {"rate", ColumnKind::kNumber, "maximum lookups per second; empty: no limit",
     4},
    {"unguarded", ColumnKind::kFlag, "yes: the enumeration guard is off", 5},
    {"created", ColumnKind::kWhole, "when", 6},
    {"expires", ColumnKind::kWhole, "when; empty: never", 3},
    {"secret", ColumnKind::kWhole, "the secret; shown only by token create"},
};

std::vector<std::string> ValuesOf(const v1::Token& token,
                                  const std::string& secret) {
  const uint64_t quota = token.monthly_quota();
  const double rate = token.lookups_per_second();
  std::vector<std::string> rights;
  for (const int right : token.rights()) {
    rights.push_back(NameOf(static_cast<v1::Right>(right)));
  }
  return {
      token.token_id(),
      token.tenant(),
      absl::AsciiStrToLower(
          absl::StripPrefix(v1::Role_Name(token.role()), kRolePrefix)),
      absl::StrJoin(rights, " "),
      quota == 0 ? "" : absl::StrCat(quota),
      rate == 0 ? "" : absl::StrFormat("%.6g", rate),
      token.enumeration_guard_off() ? "yes" : "",
      FormatTime(token.create_time()),
      FormatTime(token.expire_time()),
      secret,
  };
}

// All columns except the secret.
absl::Span<const Column> ListColumns() {
  return absl::MakeConstSpan(kTokenColumns).first(std::size(kTokenColumns) - 1);
}

struct CreateFlags {
  std::string tenant;
  std::string role = "lookup";
  std::vector<std::string> may = {"lookup", "watch", "history", "forget",
                                  "images"};
  uint64_t quota = 0;
  double rate = 0;
  bool unguarded = false;
  std::string expires_in;
  std::string format;
};

absl::StatusOr<v1::CreateTokenRequest> RequestOf(const CreateFlags& flags) {
  v1::CreateTokenRequest request;
  request.set_tenant(flags.tenant);
  if (flags.role == "admin") request.set_role(v1::ROLE_ADMIN);
  for (int right = v1::RIGHT_UNSPECIFIED + 1;
       right <= v1::Right_MAX && flags.role != "admin"; ++right) {
    const auto value = static_cast<v1::Right>(right);
    if (absl::c_linear_search(flags.may, NameOf(value))) {
      request.add_rights(value);
    }
  }
  request.set_monthly_quota(flags.quota);
  request.set_lookups_per_second(flags.rate);
  request.set_enumeration_guard_off(flags.unguarded);
  if (!flags.expires_in.empty()) {
    const auto life = ParseDuration("--expires-in", flags.expires_in);
    if (!life.ok()) return life.status();
    request.mutable_expire_time()->set_seconds(
        absl::ToUnixSeconds(absl::Now() + *life));
  }
  return request;
}

// Only the secret is printed to standard output, so that it can be redirected
// to a token file.
ExitCode PrintSecret(const v1::CreateTokenResponse& made) {
  OutputFile output("");
  output.Write(absl::StrCat(made.secret(), "\n")).IgnoreError();
  if (absl::Status status = output.Close(); !status.ok()) {
    return ComplainOutput(status);
  }
  Complain(absl::StrCat("token ", made.token().token_id(),
                        " is created; its secret is not shown again"));
  return ExitCode::kOk;
}

ExitCode PrintToken(const v1::CreateTokenResponse& made,
                    const std::string& format) {
  RowPrinter printer({.name = format, .wide = true}, kTokenColumns,
                     RowPrinter::Rows::kWhole);
  printer.Print(ValuesOf(made.token(), made.secret()));
  const absl::Status printed = printer.Finish();
  return printed.ok() ? ExitCode::kOk : ComplainOutput(printed);
}

ExitCode Create(const CreateFlags& flags, const Program& program) {
  const auto request = RequestOf(flags);
  if (!request.ok()) {
    Complain(request.status().message());
    return ExitCode::kUsage;
  }
  return CallServer(
      &client::PortraitClient::access, &v1::AccessService::Stub::CreateToken,
      *request, program, [&](const v1::CreateTokenResponse& made) {
        return flags.format.empty() ? PrintSecret(made)
                                    : PrintToken(made, flags.format);
      });
}

ExitCode List(const std::string& tenant, const FormatFlags& format,
              const Program& program) {
  v1::ListTokensRequest request;
  request.set_tenant(tenant);
  return CallServer(&client::PortraitClient::access,
                    &v1::AccessService::Stub::ListTokens, request, program,
                    [&](const v1::ListTokensResponse& response) {
                      std::vector<std::vector<std::string>> rows;
                      for (const v1::Token& token : response.tokens()) {
                        rows.push_back(ValuesOf(token, ""));
                        rows.back().pop_back();
                      }
                      return PrintRows(format, ListColumns(), std::move(rows));
                    });
}

ExitCode Revoke(const std::string& token_id, const Program& program) {
  v1::RevokeTokenRequest request;
  request.set_token_id(token_id);
  return CallServer(&client::PortraitClient::access,
                    &v1::AccessService::Stub::RevokeToken, request, program,
                    [&](const v1::RevokeTokenResponse& /*response*/) {
                      Complain(absl::StrCat(
                          "token ", token_id,
                          " is revoked; its open streams end within a second"));
                      return ExitCode::kOk;
                    });
}

void AddCreate(CLI::App& tokens, Program& program) {
  CLI::App* command = tokens.add_subcommand(
      "create",
      "Creates a token and prints its secret, which cannot be shown again. "
      "Limits apply to the whole tenant: if its tokens have different limits, "
      "the lowest applies");
  auto flags = std::make_shared<CreateFlags>();
  command
      ->add_option(
          "TENANT", flags->tenant,
          "Tenant of the token: a customer, a team or a program; [a-z0-9-]")
      ->required();
  command
      ->add_option(
          "--role", flags->role,
          "lookup, or admin: has every right, including managing tokens")
      ->check(CLI::IsMember({"lookup", "admin"}))
      ->capture_default_str();
  command
      ->add_option(
          "--may", flags->may,
          "Rights of a token of role lookup, separated by commas: lookup; "
          "watch, history and forget for contacts that the tenant has looked "
          "up; watch-all (also contacts of other tenants), object (suppress a "
          "contact for all tenants), images, likeness, pin-session, admin")
      ->delimiter(',')
      ->check(CLI::IsMember(RightNames()))
      ->capture_default_str();
  command
      ->add_option("--quota", flags->quota,
                   "Maximum number of lookups per month; 0: no limit")
      ->capture_default_str();
  command
      ->add_option("--rate", flags->rate,
                   "Maximum number of lookups per second; 0: no limit")
      ->capture_default_str();
  command->add_flag("--unguarded", flags->unguarded,
                    "Turn off the enumeration guard, which refuses lookups "
                    "that look like the enumeration of a number range. It is "
                    "off only if each token of the tenant has this flag");
  command->add_option("--expires-in", flags->expires_in,
                      "Lifetime of the token, such as 90d. If unset, it is "
                      "valid until revoked");
  command
      ->add_option("--format", flags->format,
                   "Print all fields of the token as table, jsonl or csv. If "
                   "unset, only the secret is printed")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
  command->callback(
      [flags, &program] { program.exit_code = Create(*flags, program); });
}

}  // namespace

void AddTokenCommand(CLI::App& app, Program& program) {
  CLI::App* tokens =
      app.add_subcommand("token", "Manages the access tokens of callers");
  tokens->require_subcommand(1);
  AddCreate(*tokens, program);

  struct ListFlags {
    std::string tenant;
    FormatFlags format;
  };
  CLI::App* list =
      tokens->add_subcommand("list", "Lists tokens, without their secrets");
  auto flags = std::make_shared<ListFlags>();
  list->add_option("TENANT", flags->tenant, "List only tokens of this tenant");
  AddFormatFlag(*list, &flags->format);
  list->callback([flags, &program] {
    program.exit_code = List(flags->tenant, flags->format, program);
  });

  CLI::App* revoke = tokens->add_subcommand(
      "revoke", "Revokes a token: the server refuses it from now on");
  auto token_id = std::make_shared<std::string>();
  revoke->add_option("TOKEN_ID", *token_id, "Id of the token, from token list")
      ->required();
  revoke->callback(
      [token_id, &program] { program.exit_code = Revoke(*token_id, program); });
}

}  // namespace portrait::cli
