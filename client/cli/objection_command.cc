// portrait objection list|remove
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/call_server.h"
#include "client/cli/columns.h"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"

namespace portrait::cli {
namespace {

constexpr int kPageSize = 1000;

constexpr Column kObjectionColumns[] = {
    {"objection", ColumnKind::kWhole,
     "id of the objection, for objection remove --id"},
    {"made", ColumnKind::kWhole, "time of the objection; empty: not known"},
};

// Page by page.
ExitCode List(const FormatFlags& format, const Program& program) {
  std::vector<std::vector<std::string>> rows;
  v1::ListObjectionsRequest request;
  request.set_page_size(kPageSize);
  ExitCode listed = ExitCode::kOk;
  do {
    listed = CallServer(
        &client::PortraitClient::admin, &v1::AdminService::Stub::ListObjections,
        request, program, [&](const v1::ListObjectionsResponse& page) {
          for (const v1::Objection& objection : page.objections()) {
            rows.push_back({objection.objection_id(),
                            objection.has_create_time()
                                ? FormatTime(objection.create_time())
                                : ""});
          }
          request.set_page_token(page.next_page_token());
          return ExitCode::kOk;
        });
  } while (listed == ExitCode::kOk && !request.page_token().empty());
  if (listed != ExitCode::kOk) return listed;
  return PrintRows(format, kObjectionColumns, std::move(rows));
}

void AddList(CLI::App& objections, Program& program) {
  CLI::App* command = objections.add_subcommand(
      "list",
      "Lists the ids of objections. Lookups of contacts that objected are "
      "refused to all tenants; the server does not store which contacts they "
      "are");
  auto format = std::make_shared<FormatFlags>();
  AddFormatFlag(*command, format.get());
  command->callback(
      [format, &program] { program.exit_code = List(*format, program); });
}

void AddRemove(CLI::App& objections, Program& program) {
  CLI::App* command = objections.add_subcommand(
      "remove",
      "Removes the objection of a contact, so that it can be looked up again");
  auto request = std::make_shared<v1::RemoveObjectionRequest>();
  auto contact = std::make_shared<std::string>();
  auto id = std::make_shared<std::string>();
  command->add_option("CONTACT", *contact,
                      "Phone number or JID of the contact");
  command->add_option("--id", *id,
                      "Objection id from objection list, instead of CONTACT");
  command->callback([request, contact, id, &program] {
    request->set_contact(*contact);
    request->set_objection_id(*id);
    program.exit_code = CallServer(
        &client::PortraitClient::admin,
        &v1::AdminService::Stub::RemoveObjection, *request, program,
        [](const v1::RemoveObjectionResponse& response) {
          Complain(absl::StrCat("removed ", response.objections_removed(),
                                " objections: one for each address of the "
                                "contact"));
          return ExitCode::kOk;
        });
  });
}

}  // namespace

void AddObjectionCommand(CLI::App& app, Program& program) {
  CLI::App* objections = app.add_subcommand(
      "objection", "Lists and removes the objections of contacts");
  objections->require_subcommand(1);
  AddList(*objections, program);
  AddRemove(*objections, program);
}

}  // namespace portrait::cli
