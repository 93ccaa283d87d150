// portrait health [SERVICE]
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

// An orchestrator checks every few seconds, and counts a timeout as unhealthy.
constexpr absl::Duration kHealthTimeout = absl::Seconds(4);

ExitCode Health(bool lookups, const Program& program) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  grpc::health::v1::HealthCheckRequest request;
  if (lookups) {
    request.set_service(v1::ProfilePictureService::service_full_name());
  }
  HealthCheckResponse response;
  const auto context = client->NewContext(kHealthTimeout);
  const grpc::Status status =
      client->health().Check(context.get(), request, &response);
  if (!status.ok()) {
    Complain(client::ToStatus(status), *client);
    return ExitCode::kUnreachable;
  }
  const bool serving = response.status() == HealthCheckResponse::SERVING;
  absl::PrintF("%s\n",
               HealthCheckResponse::ServingStatus_Name(response.status()));
  return serving ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace

void AddHealthCommand(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "health",
      "Reports whether the server is serving. The exit code is 0 if it is, 4 "
      "if it is not, 3 if no server answers");
  auto lookups = std::make_shared<bool>(false);
  command->add_flag(
      "--lookups", *lookups,
      "Report whether WhatsApp can be queried: at least one linked account "
      "works, or will work again without intervention");
  command->callback(
      [lookups, &program] { program.exit_code = Health(*lookups, program); });
}

}  // namespace portrait::cli
