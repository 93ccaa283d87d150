// whatsapp-sim: a simulated WhatsApp network, see simulator.h.
#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "core/base/telemetry.h"
#include "tests/whatsapp_sim/control/steer.h"
#include "tests/whatsapp_sim/simulator.h"

namespace portrait::sim {
namespace {

struct Flags {
  Simulator::Options options;
  double url_life_seconds = 24 * 60 * 60;
  double ping_interval_seconds = 30;
  double stream_life_seconds = 4 * 60 * 60;
  std::string log_level = "info";
};

void AddServeFlags(CLI::App& app, Flags* flags) {
  Simulator::Options& options = flags->options;
  app.add_option("--listen", options.listen,
                 "WhatsApp's WebSocket, HOST:PORT; port 0: any")
      ->capture_default_str();
  app.add_option("--control", options.control,
                 "SimulatorService (gRPC), HOST:PORT")
      ->capture_default_str();
  app.add_option("--cdn", options.cdn, "Picture downloads, HOST:PORT")
      ->capture_default_str();
  app.add_option("--host", options.host,
                 "Host name in addresses handed out; default: as listened on");
  app.add_option(
      "--data-dir", options.data_dir,
      "Folder of keys, companions and changed accounts; created if missing");
  app.add_flag("--tls", options.tls,
               "Serve wss:// and https:// under an authority of its own");
  app.add_option("--seed", options.seed, "Of the directory of accounts")
      ->capture_default_str();
  app.add_option("--registered-share", options.shares.registered,
                 "Of all numbers, 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--url-life", flags->url_life_seconds,
                 "Seconds for which a picture URL is valid")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--usync-bare-pictures", options.habits.usync_bare_pictures,
               "usync leaves out pictures that are hidden or not set");
  app.add_option("--client-min-revision", options.habits.client_min_revision,
                 "Refuse older clients with 405; 0: none")
      ->capture_default_str();
  app.add_option("--ping-interval", flags->ping_interval_seconds,
                 "Seconds between the server's own pings")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--stream-life", flags->stream_life_seconds,
                 "Seconds, about, until the server recycles a stream; 0: never")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads that serve connections")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--record", options.record_file,
                 "Write the clients' stanzas and payloads there, JSON Lines");
  app.add_option("--log-level", flags->log_level,
                 "trace, debug, info, warning, error or off")
      ->capture_default_str();
}

// Thousands of clients need a descriptor each.
void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Serve(Flags flags) {
  if (flags.options.data_dir.empty()) {
    std::cerr << "whatsapp-sim: --data-dir is required\n";
    return 2;
  }
  InitLogging("whatsapp-sim", flags.log_level);
  RaiseFileLimit();
  flags.options.url_life = absl::Seconds(flags.url_life_seconds);
  flags.options.habits.ping_interval =
      absl::Seconds(flags.ping_interval_seconds);
  if (flags.stream_life_seconds > 0) {
    flags.options.habits.stream_life = absl::Seconds(flags.stream_life_seconds);
  }

  // Before any thread starts, so that all threads inherit the mask.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Simulator simulator(flags.options);
  const absl::StatusOr<Simulator::Endpoints> endpoints = simulator.Start();
  if (!endpoints.ok()) {
    std::cerr << "whatsapp-sim: " << endpoints.status().message() << "\n";
    return 1;
  }
  std::cout << endpoints->ToJson() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  simulator.Stop();
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("A simulated WhatsApp network for demos and tests");
  Flags flags;
  AddServeFlags(app, &flags);
  AddSteerCommand(app);
  CLI11_PARSE(app, argc, argv);
  return Serve(std::move(flags));
}

}  // namespace
}  // namespace portrait::sim

int main(int argc, char** argv) { return portrait::sim::Main(argc, argv); }
