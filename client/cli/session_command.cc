// portrait session list|show|pause|resume|proxy|logout
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/pair_command.h"
#include "client/cli/text_table.h"

namespace portrait::cli {
namespace {

struct SessionFlags {
  std::string name;
  std::string proxy;
  FormatFlags format;
};

ExitCode List(const SessionFlags& flags, const Program& program) {
  return CallServer(
      &client::PortraitClient::sessions,
      &v1::SessionService::Stub::ListSessions, {}, program,
      [&](const v1::ListSessionsResponse& response) {
        std::vector<std::vector<std::string>> rows;
        for (const v1::Session& session : response.sessions()) {
          rows.push_back(SessionValues(session));
        }
        const ExitCode printed =
            PrintRows(flags.format, SessionColumns(), std::move(rows));
        if (printed == ExitCode::kOk && response.sessions().empty()) {
          Complain(
              "no WhatsApp account is linked; link one: portrait session pair");
        }
        return printed;
      });
}

ExitCode Print(const v1::Session& session, const SessionFlags& flags) {
  OutputFile output("");
  RowPrinter printer(flags.format, SessionColumns(), RowPrinter::Rows::kWhole);
  absl::Status printed;
  if (printer.format() == OutputFormat::kTable) {
    std::vector<std::string> names;
    for (const Column& column : SessionColumns()) {
      names.emplace_back(column.name);
    }
    output.Write(AlignFields(names, SessionValues(session))).IgnoreError();
    printed = output.Close();
  } else {
    printer.Print(SessionValues(session));
    printed = printer.Finish();
  }
  return printed.ok() ? ExitCode::kOk : ComplainOutput(printed);
}

// Makes a call about one session that returns the session.
template <typename Request, typename Response>
using SessionCall = grpc::Status (v1::SessionService::Stub::*)(
    grpc::ClientContext*, const Request&, Response*);

template <typename Request, typename Response>
ExitCode CallAndPrint(SessionCall<Request, Response> call, Request request,
                      const SessionFlags& flags, const Program& program) {
  request.set_session(flags.name);
  return CallServer(&client::PortraitClient::sessions, call, request, program,
                    [&](const Response& response) {
                      return Print(response.session(), flags);
                    });
}

ExitCode SetProxy(const SessionFlags& flags, const Program& program) {
  v1::SetSessionProxyRequest request;
  request.set_proxy(flags.proxy);
  return CallAndPrint(&v1::SessionService::Stub::SetSessionProxy,
                      std::move(request), flags, program);
}

ExitCode Logout(const SessionFlags& flags, const Program& program) {
  v1::LogoutSessionRequest request;
  request.set_session(flags.name);
  return CallServer(
      &client::PortraitClient::sessions,
      &v1::SessionService::Stub::LogoutSession, request, program,
      [&](const v1::LogoutSessionResponse& /*response*/) {
        Complain(absl::StrCat(
            flags.name,
            " is logged out and its keys are erased. If the phone still lists "
            "it under Linked devices, remove it there"));
        return ExitCode::kOk;
      });
}

template <typename Run>
void AddNamed(CLI::App& sessions, const std::string& verb,
              const std::string& help, bool formatted, Program& program,
              Run run) {
  CLI::App* command = sessions.add_subcommand(verb, help);
  auto flags = std::make_shared<SessionFlags>();
  command->add_option("NAME", flags->name, "The session's name")->required();
  if (formatted) AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, run, &program] { program.exit_code = run(*flags, program); });
}

void AddProxyCommand(CLI::App& sessions, Program& program) {
  CLI::App* command = sessions.add_subcommand(
      "proxy",
      "Changes the proxy of a session, which reconnects through the new proxy");
  auto flags = std::make_shared<SessionFlags>();
  command->add_option("NAME", flags->name, "The session's name")->required();
  command->add_option("URL", flags->proxy,
                      "http://[USER:PASSWORD@]HOST:PORT or socks5://…; direct "
                      "uses no proxy. If unset, the server's proxy is used");
  AddFormatFlag(*command, &flags->format);
  command->callback(
      [flags, &program] { program.exit_code = SetProxy(*flags, program); });
}

}  // namespace

void AddSessionCommand(CLI::App& app, Program& program) {
  CLI::App* sessions = app.add_subcommand(
      "session", "Manages the WhatsApp accounts that lookups use");
  sessions->require_subcommand(1);
  AddPairCommand(*sessions, program);

  CLI::App* list = sessions->add_subcommand("list", "Shows all sessions");
  auto flags = std::make_shared<SessionFlags>();
  AddFormatFlag(*list, &flags->format);
  list->callback(
      [flags, &program] { program.exit_code = List(*flags, program); });

  using Stub = v1::SessionService::Stub;
  AddNamed(*sessions, "show", "Shows one session", /*formatted=*/true, program,
           [](const SessionFlags& named, const Program& with) {
             return CallAndPrint(&Stub::GetSession, {}, named, with);
           });
  AddNamed(*sessions, "pause",
           "Stops sending lookups through the account, and keeps it connected",
           /*formatted=*/true, program,
           [](const SessionFlags& named, const Program& with) {
             return CallAndPrint(&Stub::PauseSession, {}, named, with);
           });
  AddNamed(*sessions, "resume", "Sends lookups through the account again",
           /*formatted=*/true, program,
           [](const SessionFlags& named, const Program& with) {
             return CallAndPrint(&Stub::ResumeSession, {}, named, with);
           });
  AddProxyCommand(*sessions, program);
  AddNamed(*sessions, "logout",
           "Unlinks the account at WhatsApp and erases its keys",
           /*formatted=*/false, program,
           [](const SessionFlags& named, const Program& with) {
             return Logout(named, with);
           });
}

}  // namespace portrait::cli
