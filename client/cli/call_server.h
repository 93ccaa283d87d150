// Makes the unary call of a command.
#ifndef PORTRAIT_CLIENT_CLI_CALL_SERVER_H_
#define PORTRAIT_CLIENT_CLI_CALL_SERVER_H_

#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/portrait_client.h"
#include "grpcpp/client_context.h"

namespace portrait::cli {

// Connects, makes a call and passes the response to `print`, whose exit code it
// returns. If the call fails, prints the error.
//
//   CallServer(&client::PortraitClient::access,
//              &v1::AccessService::Stub::GetUsage, request, program,
//              [](const v1::GetUsageResponse& usage) { return Print(usage); })
template <typename Stub, typename Request, typename Response, typename Print>
ExitCode CallServer(Stub& (client::PortraitClient::*service)(),
                    grpc::Status (Stub::*call)(grpc::ClientContext*,
                                               const Request&, Response*),
                    const Request& request, const Program& program, Print print,
                    absl::Duration timeout = kCallTimeout) {
  const auto client = Connect(program);
  if (client == nullptr) return ExitCode::kUsage;
  Response response;
  const auto context = client->NewContext(timeout);
  const grpc::Status status =
      (((*client).*service)().*call)(context.get(), request, &response);
  if (!status.ok()) return Complain(client::ToStatus(status), *client);
  return print(response);
}

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CALL_SERVER_H_
