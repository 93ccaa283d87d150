#include "server/http/http_server.h"

#include <algorithm>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "server/io_threads.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr unsigned kMaxThreads = 8;
// The time for closed connections' handlers to return.
constexpr absl::Duration kCloseTimeout = absl::Seconds(10);

// "http/1.1" in the form of RFC 7301.
constexpr unsigned char kAlpn[] = "\x08http/1.1";

int SelectAlpn(SSL* /*ssl*/, const unsigned char** chosen,
               unsigned char* chosen_size, const unsigned char* offered,
               unsigned offered_size, void* /*arg*/) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kAlpn, sizeof(kAlpn) - 1,
                            offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Null if the content cannot be used.
std::shared_ptr<asio::ssl::context> NewTlsContext(const TlsContent& content) {
  auto context =
      std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code ec;
  context->set_options(asio::ssl::context::default_workarounds |
                           asio::ssl::context::no_tlsv1 |
                           asio::ssl::context::no_tlsv1_1,
                       ec);
  if (!ec) {
    context->use_certificate_chain(asio::buffer(content.certificate), ec);
  }
  if (!ec) {
    context->use_private_key(asio::buffer(content.key), asio::ssl::context::pem,
                             ec);
  }
  if (!ec && !content.client_ca.empty()) {
    context->add_certificate_authority(asio::buffer(content.client_ca), ec);
    if (!ec) {
      context->set_verify_mode(
          asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, ec);
    }
  }
  if (ec) {
    LogError("--http-listen: cannot use the certificates: {}", ec.message());
    return nullptr;
  }
  SSL_CTX_set_alpn_select_cb(context->native_handle(), &SelectAlpn, nullptr);
  return context;
}

class BeastServer final : public HttpServer, private Connection::Observer {
 public:
  BeastServer(HttpServerOptions options, Handler handler,
              std::unique_ptr<WatchedTlsFiles> tls)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        tls_(std::move(tls)) {}
  ~BeastServer() override { Stop(absl::ZeroDuration()); }

  void Serve() {
    options_.port->PassTo([this](int descriptor) { OnConnection(descriptor); });
  }

  std::string address() const override {
    return options_.port->address().ToString();
  }
  size_t connections() const override {
    absl::MutexLock lock(&mu_);
    return open_.size();
  }
  void StopAccepting() override;
  void Stop(absl::Duration timeout) override;

 private:
  struct Open {
    std::weak_ptr<Connection> connection;
    // Its place in idle_ or busy_.
    std::list<Connection*>::iterator place;
    bool is_idle = true;
  };

  void OnConnection(int descriptor);
  std::shared_ptr<asio::ssl::context> TlsContext();
  std::vector<std::shared_ptr<Connection>> AllOpen() const;

  void OnIdle(Connection* connection) override;
  void OnBusy(Connection* connection) override;
  void OnClosed(Connection* connection) override;

  const HttpServerOptions options_;
  const Handler handler_;
  const std::unique_ptr<WatchedTlsFiles> tls_;  // null: plain text

  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_map<Connection*, Open> open_ ABSL_GUARDED_BY(mu_);
  // Idle ones: the longest idle first.
  std::list<Connection*> idle_ ABSL_GUARDED_BY(mu_), busy_ ABSL_GUARDED_BY(mu_);

  absl::Mutex tls_mu_;
  std::shared_ptr<const TlsContent> tls_content_ ABSL_GUARDED_BY(tls_mu_);
  std::shared_ptr<asio::ssl::context> tls_context_ ABSL_GUARDED_BY(tls_mu_);

  IoThreads threads_{
      std::clamp(std::thread::hardware_concurrency(), 1u, kMaxThreads)};
};

void BeastServer::OnConnection(int descriptor) {
  Connection::Options options{options_.limits, &handler_, this, nullptr};
  if (tls_ != nullptr) {
    options.tls = TlsContext();
    if (options.tls == nullptr) {
      close(descriptor);
      return;
    }
  }
  std::shared_ptr<Connection> evicted;
  {
    absl::MutexLock lock(&mu_);
    if (stopping_ ||
        (open_.size() >= options_.max_connections && idle_.empty())) {
      close(descriptor);
      return;
    }
    if (open_.size() >= options_.max_connections) {
      evicted = open_[idle_.front()].connection.lock();
      open_[idle_.front()].is_idle = false;
      busy_.splice(busy_.end(), idle_, idle_.begin());
    }
  }
  if (evicted != nullptr) evicted->CloseNow();
  const auto connection =
      Connection::Make(threads_.context(), descriptor, std::move(options));
  {
    absl::MutexLock lock(&mu_);
    Open& open = open_[connection.get()];
    open.connection = connection;
    open.place = idle_.insert(idle_.end(), connection.get());
  }
  connection->Start();
}

std::shared_ptr<asio::ssl::context> BeastServer::TlsContext() {
  std::shared_ptr<const TlsContent> content = tls_->Current();
  absl::MutexLock lock(&tls_mu_);
  if (content != tls_content_) {
    std::shared_ptr<asio::ssl::context> context = NewTlsContext(*content);
    if (context != nullptr) tls_context_ = std::move(context);
    tls_content_ = std::move(content);
  }
  return tls_context_;
}

void BeastServer::OnIdle(Connection* connection) {
  absl::MutexLock lock(&mu_);
  const auto found = open_.find(connection);
  if (found == open_.end() || found->second.is_idle) return;
  idle_.splice(idle_.end(), busy_, found->second.place);
  found->second.is_idle = true;
}

void BeastServer::OnBusy(Connection* connection) {
  absl::MutexLock lock(&mu_);
  const auto found = open_.find(connection);
  if (found == open_.end() || !found->second.is_idle) return;
  busy_.splice(busy_.end(), idle_, found->second.place);
  found->second.is_idle = false;
}

void BeastServer::OnClosed(Connection* connection) {
  absl::MutexLock lock(&mu_);
  const auto found = open_.find(connection);
  if (found == open_.end()) return;
  (found->second.is_idle ? idle_ : busy_).erase(found->second.place);
  open_.erase(found);
}

std::vector<std::shared_ptr<Connection>> BeastServer::AllOpen() const {
  std::vector<std::shared_ptr<Connection>> all;
  absl::MutexLock lock(&mu_);
  for (const auto& [pointer, open] : open_) {
    if (auto connection = open.connection.lock()) {
      all.push_back(std::move(connection));
    }
  }
  return all;
}

void BeastServer::StopAccepting() {
  options_.port->PassTo(nullptr);
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (const auto& connection : AllOpen()) connection->CloseSoon();
}

void BeastServer::Stop(absl::Duration timeout) {
  StopAccepting();
  const auto all_closed = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return open_.empty();
  };
  bool closed = false;
  {
    absl::MutexLock lock(&mu_);
    closed = mu_.AwaitWithTimeout(absl::Condition(&all_closed), timeout);
  }
  if (!closed) {
    for (const auto& connection : AllOpen()) connection->CloseNow();
    absl::MutexLock lock(&mu_);
    if (!mu_.AwaitWithTimeout(absl::Condition(&all_closed), kCloseTimeout)) {
      LogError("shutdown: {} HTTP requests did not end", open_.size());
    }
  }
  threads_.Stop();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    HttpServerOptions options, Handler handler) {
  ASSIGN_OR_RETURN(std::unique_ptr<WatchedTlsFiles> tls,
                   WatchedTlsFiles::Read(options.tls));
  auto server = std::make_unique<BeastServer>(
      std::move(options), std::move(handler), std::move(tls));
  server->Serve();
  return server;
}

}  // namespace portrait::http
