// Links many simulated accounts to a portraitd, several at a time.
//
//   link --server H:P --token T --control H:P --accounts 2000
#include <grpcpp/grpcpp.h>
#include <CLI/CLI.hpp>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "portrait/sim/v1/simulator.grpc.pb.h"
#include "portrait/v1/session.grpc.pb.h"
#include "tests/bench/report.h"

namespace portrait::bench {
namespace {

constexpr uint64_t kFirstPhone = 15559000000;

struct Flags {
  std::string server, token, control;
  int accounts = 10, threads = 8;
};

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
}

// The account's phone scans the first code that is shown.
absl::Status Link(const Flags& flags, v1::SessionService::Stub& sessions,
                  sim::v1::SimulatorService::Stub& simulator, int index) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", flags.token));
  v1::PairSessionRequest request;
  request.set_session(absl::StrCat("bench-", index));
  const auto events = sessions.PairSession(&context, request);
  v1::PairSessionResponse event;
  bool scanned = false;
  while (events->Read(&event)) {
    if (event.has_paired()) return absl::OkStatus();
    if (event.has_failed()) {
      return absl::InternalError(event.failed().message());
    }
    if (!event.has_qr_code() || scanned) continue;
    scanned = true;
    sim::v1::ScanQrCodeRequest scan;
    scan.set_qr_text(event.qr_code().text());
    scan.set_phone_number(absl::StrCat("+", kFirstPhone + index));
    sim::v1::ScanQrCodeResponse device;
    grpc::ClientContext scan_context;
    const grpc::Status status =
        simulator.ScanQrCode(&scan_context, scan, &device);
    if (!status.ok()) return absl::InternalError(status.error_message());
  }
  return absl::InternalError(events->Finish().error_message());
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Links many simulated accounts to a portraitd.");
  app.add_option("--server", flags.server)->required();
  app.add_option("--token", flags.token)->required();
  app.add_option("--control", flags.control)->required();
  app.add_option("--accounts", flags.accounts);
  app.add_option("--threads", flags.threads);
  CLI11_PARSE(app, argc, argv);

  const auto sessions = v1::SessionService::NewStub(Connect(flags.server));
  const auto simulator =
      sim::v1::SimulatorService::NewStub(Connect(flags.control));
  std::atomic<int> next = 0, failed = 0;
  const auto work = [&] {
    for (int i = next++; i < flags.accounts; i = next++) {
      const absl::Status status = Link(flags, *sessions, *simulator, i);
      if (status.ok()) continue;
      ++failed;
      std::cerr << "account " << i << ": " << status << "\n";
    }
  };
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (int i = 0; i < flags.threads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  Report({{"linked", flags.accounts - failed},
          {"seconds", absl::ToDoubleSeconds(absl::Now() - start)}});
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::Main(argc, argv); }
