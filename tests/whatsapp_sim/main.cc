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
                 "HOST:PORT of the simulated WhatsApp WebSocket; port 0 picks "
                 "a free port")
      ->capture_default_str();
  app.add_option(
         "--control", options.control,
         "HOST:PORT of SimulatorService (gRPC), which controls the simulator")
      ->capture_default_str();
  app.add_option("--cdn", options.cdn,
                 "HOST:PORT of the simulated CDN, for picture downloads")
      ->capture_default_str();
  app.add_option("--host", options.host,
                 "Host name in the addresses that the simulator returns. If "
                 "unset, the host of --listen");
  app.add_option(
      "--data-dir", options.data_dir,
      "Folder for keys, companions and changed accounts; created if missing");
  app.add_flag(
      "--tls", options.tls,
      "Serve wss:// and https:// with a certificate authority of its own");
  app.add_option("--seed", options.seed,
                 "Seed of the random accounts in the directory")
      ->capture_default_str();
  app.add_option("--registered-share", options.shares.registered,
                 "Share of all numbers that are on WhatsApp, 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--url-life", flags->url_life_seconds,
                 "Seconds for which a picture URL is valid")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--usync-bare-pictures", options.habits.usync_bare_pictures,
               "Omit pictures that are hidden or not set from usync answers");
  app.add_option(
         "--client-min-revision", options.habits.client_min_revision,
         "Refuse clients with an older revision with 405; 0 accepts all")
      ->capture_default_str();
  app.add_option("--ping-interval", flags->ping_interval_seconds,
                 "Seconds between the pings that the server sends")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--stream-life", flags->stream_life_seconds,
                 "Approximate seconds after which the server recycles a "
                 "WhatsApp stream; 0: never")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads that serve connections")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option(
      "--record", options.record_file,
      "File that records the stanzas and payloads of the clients (JSON Lines)");
  app.add_option("--log-level", flags->log_level,
                 "Minimum level of log messages: trace, debug, info, warning, "
                 "error or off")
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
