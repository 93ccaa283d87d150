// portrait cluster status|drain
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

// Between two questions whether another node is active.
constexpr absl::Duration kPollInterval = absl::Milliseconds(100);
// A call during a takeover waits for the next active node.
constexpr absl::Duration kPollTimeout = absl::Seconds(15);
// The time for another node to become active.
constexpr absl::Duration kDrainTimeout = absl::Seconds(60);

constexpr Column kNodeColumns[] = {
    {"node", ColumnKind::kWhole, "name of the node"},
    {"state", ColumnKind::kText,
     "active (answers all calls), standby (has a copy) or gone"},
    {"version", ColumnKind::kText, "version of portraitd"},
    {"address", ColumnKind::kWhole, "address for gRPC"},
    {"http", ColumnKind::kWhole, "address for HTTP"},
    {"partitions", ColumnKind::kNumber,
     "partitions of the log that the node writes to"},
    {"lag", ColumnKind::kNumber,
     "messages of the log that the node's copy does not have yet"},
    {"started", ColumnKind::kWhole, "start of the process"},
    {"heard", ColumnKind::kWhole, "last sign of life"},
};

std::string StateName(v1::NodeState state) {
  switch (state) {
    case v1::NODE_STATE_ACTIVE:
      return "active";
    case v1::NODE_STATE_STANDBY:
      return "standby";
    case v1::NODE_STATE_GONE:
      return "gone";
    default:
      return "unknown";
  }
}

ExitCode PrintCluster(const v1::GetClusterResponse& cluster,
                      const FormatFlags& format) {
  std::vector<std::vector<std::string>> rows;
  for (const v1::ClusterNode& node : cluster.nodes()) {
    rows.push_back({node.name(), StateName(node.state()), node.version(),
                    node.address(), node.http_address(),
                    absl::StrCat(node.partitions()), absl::StrCat(node.lag()),
                    FormatTime(node.start_time()),
                    FormatTime(node.hear_time())});
  }
  const ExitCode printed = PrintRows(format, kNodeColumns, std::move(rows));
  Complain(absl::StrCat(cluster.accounts(),
                        " accounts; the active node took over at ",
                        FormatTime(cluster.takeover_time())));
  return printed;
}

// The name of the active node; empty if none answers now.
std::string ActiveNode(client::PortraitClient& client) {
  v1::GetClusterResponse cluster;
  const auto context = client.NewContext(kPollTimeout);
  const grpc::Status status = client.admin().GetCluster(
      context.get(), v1::GetClusterRequest(), &cluster);
  if (!status.ok()) return "";
  for (const v1::ClusterNode& node : cluster.nodes()) {
    if (node.state() == v1::NODE_STATE_ACTIVE) return node.name();
  }
  return "";
}

ExitCode Drain(const std::string& name, const Program& program) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  v1::DrainNodeRequest request;
  request.set_name(name);
  v1::DrainNodeResponse response;
  const auto context = client->NewContext(kCallTimeout);
  const grpc::Status status =
      client->admin().DrainNode(context.get(), request, &response);
  if (!status.ok()) return Complain(client::ToStatus(status), *client);
  const absl::Time started = absl::Now();
  while (absl::Now() - started < kDrainTimeout) {
    const std::string active = ActiveNode(*client);
    if (!active.empty() && active != name) {
      Complain(absl::StrCat(active, " is active after ",
                            absl::FormatDuration(absl::Trunc(
                                absl::Now() - started, absl::Milliseconds(1))),
                            "; ", name, " stands by"));
      return ExitCode::kOk;
    }
    absl::SleepFor(kPollInterval);
  }
  return Complain(absl::DeadlineExceededError(
                      absl::StrCat("no other node became active within ",
                                   absl::FormatDuration(kDrainTimeout))),
                  *client);
}

void AddStatus(CLI::App& cluster, Program& program) {
  CLI::App* command =
      cluster.add_subcommand("status", "Lists the nodes of the cluster");
  auto format = std::make_shared<FormatFlags>();
  AddFormatFlag(*command, format.get());
  command->callback([format, &program] {
    program.exit_code = CallServer(
        &client::PortraitClient::admin, &v1::AdminService::Stub::GetCluster,
        v1::GetClusterRequest(), program,
        [&](const auto& response) { return PrintCluster(response, *format); });
  });
}

void AddDrain(CLI::App& cluster, Program& program) {
  CLI::App* command = cluster.add_subcommand(
      "drain",
      "Lets another node become active, and waits for it. Use it before the "
      "active node is stopped for a longer time. A node that stands by can be "
      "stopped at any time");
  auto name = std::make_shared<std::string>();
  command->add_option("node", *name, "Name of the active node")->required();
  command->callback(
      [name, &program] { program.exit_code = Drain(*name, program); });
}

}  // namespace

void AddClusterCommand(CLI::App& app, Program& program) {
  CLI::App* cluster = app.add_subcommand(
      "cluster", "Shows the nodes of a cluster, and changes the active one");
  cluster->require_subcommand(1);
  AddStatus(*cluster, program);
  AddDrain(*cluster, program);
}

}  // namespace portrait::cli
