// portrait usage [TENANT]
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

constexpr Column kUsageColumns[] = {
    {"tenant", ColumnKind::kText, "name of the tenant"},
    {"month", ColumnKind::kText, "month in UTC"},
    {"lookups", ColumnKind::kNumber,
     "answered lookups; these count towards the quota"},
    {"from_store", ColumnKind::kNumber, "of these: answered from the store"},
    {"from_whatsapp", ColumnKind::kNumber, "of these: answered by WhatsApp"},
    {"failed", ColumnKind::kNumber, "failed lookups; these do not count"},
    {"quota", ColumnKind::kNumber,
     "maximum lookups per month; empty: no limit"},
};

struct UsageFlags {
  std::string tenant;
  std::string month;
  FormatFlags format;
};

ExitCode Usage(const UsageFlags& flags, const Program& program) {
  v1::GetUsageRequest request;
  request.set_tenant(flags.tenant);
  request.set_month(flags.month);
  return CallServer(
      &client::PortraitClient::access, &v1::AccessService::Stub::GetUsage,
      request, program, [&](const v1::GetUsageResponse& usage) {
        const uint64_t quota = usage.monthly_quota();
        return PrintRows(
            flags.format, kUsageColumns,
            {{usage.tenant(), usage.month(), absl::StrCat(usage.lookups()),
              absl::StrCat(usage.from_store()),
              absl::StrCat(usage.from_whatsapp()), absl::StrCat(usage.failed()),
              quota == 0 ? "" : absl::StrCat(quota)}});
      });
}

}  // namespace

void AddUsageCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "usage", "Shows how many lookups a tenant has made in a month");
  auto flags = std::make_shared<UsageFlags>();
  command->add_option("TENANT", flags->tenant,
                      "Name of the tenant. If unset, the tenant of the token; "
                      "other tenants need an admin token");
  command->add_option(
      "--month", flags->month,
      "Month in UTC, such as 2026-11. If unset, the current month");
  AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, &program] { program.exit_code = Usage(*flags, program); });
}

}  // namespace portrait::cli
