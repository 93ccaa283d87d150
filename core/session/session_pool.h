// SessionPool holds all linked WhatsApp accounts: it loads them at start, keeps
// them connected and working at their own rate, and links new ones.
#ifndef PORTRAIT_CORE_SESSION_SESSION_POOL_H_
#define PORTRAIT_CORE_SESSION_SESSION_POOL_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/secret.h"
#include "core/session/query_observer.h"
#include "core/session/sealed_sessions.h"
#include "core/session/session_clocks.h"
#include "core/session/version_keeper.h"
#include "core/whatsapp/connection.h"
#include "core/work/session_directory.h"
#include "core/work/work_source.h"
#include "portrait/v1/session.pb.h"

namespace portrait {

struct SessionOptions {
  whatsapp::ConnectionOptions connection;
  // Knows the client version to announce; must outlive the pool. Null: always
  // connection.version.
  VersionKeeper* versions = nullptr;
  double connects_per_second = 50;  // over all sessions; 0: no limit
  size_t usync_batch = 500;         // contacts in a usync query
  // Usync queries per session; 0: no configured limit. A query about many
  // contacts counts as several, see UsyncQueue::kContactsPerToken.
  double usync_per_second = 0.2;
  double pictures_per_second = 2;     // the same for picture queries
  size_t max_queries_in_flight = 16;  // per session, for both kinds together
  // Asks only for the size requested and sends the known picture id: half as
  // many picture queries, but WhatsApp Web asks for both sizes and sends no id.
  bool lean_picture_queries = false;
  // Queries many groups at once, which WhatsApp Web does not do.
  bool group_batches = false;
  // The most contacts that a session has taken and not yet answered; the limit
  // applies to urgent and to bulk contacts separately.
  size_t max_contacts_in_hand = 2000;
  // The server of pictures for which WhatsApp sends only a path (channels).
  std::string picture_server = "https://pps.whatsapp.net";
  // Receives each query to WhatsApp; must outlive the pool. May be null.
  QueryObserver* observer = nullptr;
  SessionClocks clocks = {};

  // Returns `connection` with the current client version, and with `proxy`
  // unless it is empty.
  //
  // Errors: those of whatsapp::ParseProxy().
  absl::StatusOr<whatsapp::ConnectionOptions> ConnectionThrough(
      const std::string& proxy) const;
};

struct PairingRequest {
  std::string session;  // [a-z0-9-]{1,63}; empty: the pool chooses a name
  // E.164: pairing by a code that the user types into this phone. Empty:
  // pairing by QR code.
  std::string phone_number;
  // The proxy for all of the account's connections, see whatsapp::ParseProxy();
  // empty: the proxy of SessionOptions.
  std::string proxy = "";
};

// A code that the phone scans to link itself. Secret.
struct PairingQrCode {
  std::string text;
  absl::Time expires_at;
};

// Receives the events of a pairing, one at a time, from pool threads.
class PairingObserver {
 public:
  virtual ~PairingObserver() = default;
  virtual void OnQrCode(const std::string& text, absl::Time expires_at) = 0;
  // A code such as "ABCD-EFGH". Secret. It replaces an earlier code.
  virtual void OnPairingCode(const std::string& code,
                             absl::Time expires_at) = 0;
  // The last call is exactly one of these.
  virtual void OnPaired(const v1::Session& session) = 0;
  virtual void OnFailed(const absl::Status& why) = 0;
};

// Thread-safe, except for Start and Stop, which the owner calls once each.
class SessionPool : public SessionDirectory {
 public:
  // All borrowed objects must outlive the pool; the owner runs `io`, on any
  // number of threads, until after Stop().
  static std::unique_ptr<SessionPool> Make(boost::asio::io_context& io,
                                           SealedSessions& sealed,
                                           WorkSource& work,
                                           SessionOptions options);

  // Starts all stored sessions.
  //
  // Errors: DATA_LOSS or UNAUTHENTICATED (wrong key), naming the session; no
  // session is started then.
  virtual absl::Status Start() = 0;
  // Closes all connections cleanly and waits for at most `timeout`. The tasks
  // that sessions hold go back to the work source.
  virtual void Stop(absl::Duration timeout) = 0;

  // Links a new account. The returned function cancels the pairing.
  //
  // Errors: INVALID_ARGUMENT (name, proxy), ALREADY_EXISTS, RESOURCE_EXHAUSTED
  // (too many pairings at once).
  virtual absl::StatusOr<std::function<void()>> Pair(
      PairingRequest request, std::shared_ptr<PairingObserver> observer) = 0;

  // The newest QR code of the pairing of that name.
  //
  // Errors: NOT_FOUND (none is in progress, or its code is one to type),
  // ALREADY_EXISTS (it is linked), UNAVAILABLE (there is no code yet).
  virtual absl::StatusOr<PairingQrCode> GetQrCode(
      const std::string& name) const = 0;

  virtual std::vector<v1::Session> List() const = 0;
  // Errors: NOT_FOUND.
  virtual absl::StatusOr<v1::Session> Get(const std::string& name) const = 0;
  virtual absl::StatusOr<v1::Session> Pause(const std::string& name) = 0;
  virtual absl::StatusOr<v1::Session> Resume(const std::string& name) = 0;
  // Reconnects the account through `proxy`; see PairingRequest.
  //
  // Errors: NOT_FOUND, INVALID_ARGUMENT.
  virtual absl::StatusOr<v1::Session> SetProxy(const std::string& name,
                                               const std::string& proxy) = 0;
  // The URL of the proxy that the account connects through, with credentials,
  // such as "http://user:password@host:port"; empty: it connects directly, or
  // there is no such account.
  virtual Secret ProxyOf(const std::string& name) const = 0;
  // Erases the data that contacts, as PN or LID, gave to our accounts. It is
  // removed from the store soon after.
  virtual void Forget(const std::vector<whatsapp::Jid>& contacts) = 0;
  // Unlinks the account at WhatsApp (if reachable), erases its keys, then calls
  // `done` from a pool thread.
  virtual void Logout(const std::string& name,
                      std::function<void(absl::Status)> done) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_POOL_H_
