#include "tests/whatsapp_sim/simulator.h"

#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "tests/whatsapp_sim/control/control_service.h"
#include "tests/whatsapp_sim/directory/cdn.h"
#include "tests/whatsapp_sim/directory/data_files.h"
#include "tests/whatsapp_sim/protocol/listener.h"
#include "tests/whatsapp_sim/protocol/serve_client.h"
#include "tests/whatsapp_sim/protocol/session.h"
#include "tests/whatsapp_sim/protocol/tls_identity.h"

namespace portrait::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// The time that connections have to end on their own when the simulator stops.
constexpr absl::Duration kStopGrace = absl::Seconds(1);

std::string HostOf(const std::string& address) {
  return address.substr(0, address.rfind(':'));
}

// Threads that run an io_context until it has no more work.
class IoThreads {
 public:
  IoThreads(asio::io_context& io, int count) : io_(io), running_(count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        io_.run();
        absl::MutexLock lock(&mu_);
        --running_;
      });
    }
  }
  ~IoThreads() {
    for (std::thread& thread : threads_) thread.join();
  }

  // Returns false if they are still running after `timeout`.
  bool WaitUntilDone(absl::Duration timeout) {
    const auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return running_ == 0;
    };
    absl::MutexLock lock(&mu_);
    return mu_.AwaitWithTimeout(absl::Condition(&done), timeout);
  }

 private:
  asio::io_context& io_;
  absl::Mutex mu_;
  int running_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_;
};

}  // namespace

// In order of construction; destroyed in reverse.
struct Simulator::Running {
  explicit Running(FolderLock folder_lock) : lock(std::move(folder_lock)) {}

  FolderLock lock;
  std::unique_ptr<Network> network;
  std::unique_ptr<AccountJournal> journal;
  std::unique_ptr<Control> control;
  TlsIdentity tls;  // empty: no TLS
  Endpoints endpoints;
  asio::io_context io;
  std::shared_ptr<Listener> whatsapp_listener, cdn_listener;
  std::unique_ptr<ControlServer> control_server;
  std::unique_ptr<IoThreads> threads;

  absl::Status Open(const Options& options);
  absl::Status Serve(const Options& options);
  void Stop();
};

absl::Status Simulator::Running::Open(const Options& options) {
  ASSIGN_OR_RETURN(ServerKeys keys, OpenServerKeys(options.data_dir));
  ASSIGN_OR_RETURN(whatsapp_listener, Listener::Open(io, options.listen));
  ASSIGN_OR_RETURN(cdn_listener, Listener::Open(io, options.cdn));
  const std::string host =
      options.host.empty() ? HostOf(options.listen) : options.host;
  const std::string cdn_host =
      options.host.empty() ? HostOf(options.cdn) : options.host;
  if (options.tls) {
    ASSIGN_OR_RETURN(tls, OpenTlsIdentity(options.data_dir, host));
  }
  endpoints.url = absl::StrCat(options.tls ? "wss://" : "ws://", host, ":",
                               whatsapp_listener->port(), "/ws/chat");
  endpoints.cdn = absl::StrCat(options.tls ? "https://" : "http://", cdn_host,
                               ":", cdn_listener->port());
  endpoints.root_key = absl::BytesToHexString(keys.root.public_key);
  endpoints.ca = tls.ca_file;

  PictureUrls::Options url_options;
  url_options.base_url = endpoints.cdn;
  url_options.key = keys.url_key;
  url_options.life = options.url_life;
  url_options.clock = options.clock;
  network =
      std::make_unique<Network>(options.seed, options.shares, std::move(keys),
                                std::move(url_options), options.habits);
  ASSIGN_OR_RETURN(network->companions, Companions::Open(absl::StrCat(
                                            options.data_dir, "/companions")));
  if (options.record_stanzas) network->recorder.Enable();
  if (!options.record_file.empty()) {
    RETURN_IF_ERROR(network->recorder.WriteTo(options.record_file));
  }
  ASSIGN_OR_RETURN(journal,
                   AccountJournal::Open(options.data_dir, &network->directory));
  control = std::make_unique<Control>(network.get(), journal.get());
  return absl::OkStatus();
}

absl::Status Simulator::Running::Serve(const Options& options) {
  if (!options.control.empty()) {
    ASSIGN_OR_RETURN(control_server,
                     ControlServer::Start(options.control, control.get()));
    endpoints.control = absl::StrCat(
        options.host.empty() ? HostOf(options.control) : options.host, ":",
        control_server->port());
  }
  whatsapp_listener->Start([this](tcp::socket socket) {
    const auto executor = socket.get_executor();
    asio::co_spawn(executor,
                   ServeClient(network.get(), std::move(socket), tls.context),
                   asio::detached);
  });
  cdn_listener->Start([this](tcp::socket socket) {
    const auto executor = socket.get_executor();
    asio::co_spawn(executor,
                   ServePictures(network.get(), std::move(socket), tls.context),
                   asio::detached);
  });
  threads = std::make_unique<IoThreads>(io, options.threads);
  return WriteFile(absl::StrCat(options.data_dir, "/endpoints.json"),
                   endpoints.ToJson() + "\n");
}

void Simulator::Running::Stop() {
  whatsapp_listener->Close();
  cdn_listener->Close();
  for (const auto& session : network->sessions.FindAll()) {
    session->EndStream(std::nullopt);
  }
  if (threads != nullptr && !threads->WaitUntilDone(kStopGrace)) {
    // Ends connections that are in their handshake, or idle at the CDN.
    io.stop();
  }
  threads.reset();
  control_server.reset();
}

std::string Simulator::Endpoints::ToJson() const {
  const auto quoted = [](const std::string& text) {
    return absl::StrCat("\"", absl::CEscape(text), "\"");
  };
  return absl::StrCat(
      "{\"url\": ", quoted(url), ", \"control\": ", quoted(control),
      ", \"cdn\": ", quoted(cdn), ", \"root_key\": ", quoted(root_key),
      ", \"ca\": ", quoted(ca), "}");
}

Simulator::Simulator(Options options) : options_(std::move(options)) {}

Simulator::~Simulator() { Stop(); }

absl::StatusOr<Simulator::Endpoints> Simulator::Start() {
  if (running_ != nullptr) {
    return absl::FailedPreconditionError("the simulator is already running");
  }
  if (options_.data_dir.empty()) {
    return absl::InvalidArgumentError("the simulator needs a data folder");
  }
  RETURN_IF_ERROR(MakeFolder(options_.data_dir));
  ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(options_.data_dir));
  auto running = std::make_unique<Running>(std::move(lock));
  RETURN_IF_ERROR(running->Open(options_));
  const absl::Status status = running->Serve(options_);
  running_ = std::move(running);
  if (status.ok()) return running_->endpoints;
  Stop();
  return status;
}

void Simulator::Stop() {
  if (running_ == nullptr) return;
  running_->Stop();
  running_.reset();
}

Control& Simulator::control() { return *running_->control; }

std::vector<RecordedStanza> Simulator::stanzas() const {
  return running_->network->recorder.stanzas();
}

std::vector<std::string> Simulator::protocol_errors() const {
  return running_->network->protocol_errors.lines();
}

}  // namespace portrait::sim
