// portrait: the command line client of a Portrait server.
#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <string>

#include "CLI/CLI.hpp"
#include "client/cli/command_support.h"
#include "client/cli/commands.h"
#include "client/cli/completion_command.h"
#include "client/cli/exit_code.h"
#include "client/cli/interrupt.h"
#include "core/image/image_reader.h"

namespace portrait::cli {
namespace {

void AddConnectionFlags(CLI::App& app, ConnectionFlags* flags) {
  app.add_option("--server", flags->server,
                 "HOST:PORT of the server. If unset, the server that runs with "
                 "the data folder is used, else 127.0.0.1:7700");
  app.add_option(
      "--token", flags->token,
      "The access token. Other users of this machine can see it in the list of "
      "processes; prefer PORTRAIT_TOKEN or --token-file");
  app.add_option("--token-file", flags->token_file,
                 "File that contains the access token. If unset, admin.token "
                 "in the data folder is used for a server on this machine");
  app.add_flag("--tls", flags->tls,
               "Encrypt the connection with TLS, and verify the server's "
               "certificate with the root certificates of this machine");
  app.add_option("--ca", flags->ca,
                 "Encrypt the connection with TLS, and verify the server's "
                 "certificate with the root certificates in this PEM file");
  app.add_option("--cert", flags->cert,
                 "Encrypt the connection with TLS, and present this client "
                 "certificate (PEM) to a server with --tls-client-ca");
  app.add_option("--key", flags->key, "Private key of --cert (PEM)");
  app.add_flag("--plaintext-token", flags->plaintext_token,
               "Send the token unencrypted to another machine. Use this only "
               "if something else, such as a VPN, encrypts the connection");
  app.add_option("--data-dir", flags->data_dir,
                 "Data folder of a portraitd on this machine. If unset, "
                 "~/.portrait is used");
}

// Each flag can also be set by an environment variable: --data-dir by
// PORTRAIT_DATA_DIR, for every command that has the flag.
void NameEnvironment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    std::string name = option->get_lnames().front();
    if (name == "help" || name == "version") continue;
    for (char& c : name) {
      c = c == '-'
              ? '_'
              : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    option->envname("PORTRAIT_" + name);
  }
  for (CLI::App* command : app.get_subcommands({})) NameEnvironment(*command);
}

// If a standard descriptor is closed at start, the next opened file gets its
// number, and output for the terminal would be written to that file. Libraries
// open files before main begins; those files close on exec, which inherited
// descriptors never do.
bool HasStandardFiles() {
  for (const int fd : {STDERR_FILENO, STDIN_FILENO, STDOUT_FILENO}) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) continue;
    constexpr const char* kNames[] = {"input", "output", "error"};
    if (fd != STDERR_FILENO) {
      Complain(std::string("standard ") + kNames[fd] +
               " is closed; redirect it from or to /dev/null");
    }
    return false;
  }
  return true;
}

int Main(int argc, char** argv) {
  if (!HasStandardFiles()) return static_cast<int>(ExitCode::kUsage);
  // gRPC would log each failed attempt to connect; this program reports them
  // itself.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  static Interrupt& interrupt = *new Interrupt;
  Program program(interrupt);
  CLI::App app("Looks up WhatsApp profile pictures through a Portrait server.",
               "portrait");
  app.set_version_flag("--version", PORTRAIT_VERSION);
  app.set_config("--config", "",
                 "TOML file with settings, such as server = \"…\"");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kExitCodeHelp);
  AddConnectionFlags(app, &program.connection);
  AddGetCommand(app, program);
  AddCheckCommand(app, program);
  AddEnrichCommand(app, program);
  AddDownloadCommand(app, program);
  AddSimilarCommand(app, program);
  AddReportCommand(app, program);
  AddWatchCommand(app, program);
  AddHistoryCommand(app, program);
  AddForgetCommand(app, program);
  AddHealthCommand(app, program);
  AddSessionCommand(app, program);
  AddTokenCommand(app, program);
  AddObjectionCommand(app, program);
  AddUsageCommand(app, program);
  AddAdminCommand(app, program);
  AddClusterCommand(app, program);
  AddCompletionCommand(app, program);
  NameEnvironment(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    if (!app.get_subcommands().empty() || app.remaining().empty()) {
      app.exit(error);
    } else {
      Complain("unknown command \"" + app.remaining().front() +
               "\"; portrait --help lists the commands");
    }
    return static_cast<int>(ExitCode::kUsage);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(app.exit(error) == 0 ? ExitCode::kOk
                                                 : ExitCode::kUsage);
  }
  return static_cast<int>(program.exit_code);
}

}  // namespace
}  // namespace portrait::cli

int main(int argc, char** argv) {
  portrait::RunImageHelperIfAsked(argc, argv);
  return portrait::cli::Main(argc, argv);
}
