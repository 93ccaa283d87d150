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

// The name of images in the server's health service.
constexpr char kImages[] = "portrait.v1.Images";

ExitCode Health(const std::string& service, const Program& program) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
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
  // Empty: the server itself.
  auto service = std::make_shared<std::string>();
  CLI::Option* const lookups = command->add_flag_callback(
      "--lookups",
      [service] { *service = v1::ProfilePictureService::service_full_name(); },
      "Report whether WhatsApp can be queried: at least one linked account "
      "works, or will work again without intervention");
  command
      ->add_flag_callback(
          "--images", [service] { *service = kImages; },
          "Report whether images can be kept: their folder or bucket can be "
          "written")
      ->excludes(lookups);
  command->callback(
      [service, &program] { program.exit_code = Health(*service, program); });
}

}  // namespace portrait::cli
