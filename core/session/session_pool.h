// SessionPool holds every linked WhatsApp account: loads them at start, keeps
// each connected and working by its own pace, links new ones.
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
  // Knows the version to announce; outlives the pool. Null:
  // connection.version, always.
  VersionKeeper* versions = nullptr;
  double connects_per_second = 50;  // of all sessions; 0: no limit
  size_t usync_batch = 100;         // contacts in a usync query
  double usync_per_second = 0.2;    // queries per session; 0: no limit of ours
  double pictures_per_second = 2;   // the same for picture queries
  size_t max_queries_in_flight = 16;  // per session, of both kinds
  // Contacts a session holds at once; what it took and has not answered.
  size_t max_contacts_in_hand = 400;
  // Where pictures are that WhatsApp gives but a path of: a channel's.
  std::string picture_server = "https://pps.whatsapp.net";
  // Is told of each query to WhatsApp; outlives the pool. May be null.
  QueryObserver* observer = nullptr;
  SessionClocks clocks = {};

  // `connection` as of now.
  whatsapp::ConnectionOptions CurrentConnection() const;
};

struct PairingRequest {
  std::string session;  // its name, [a-z0-9-]{1,63}; empty: one is made up
  // E.164: by a code that the user types into this phone. Empty: by QR code.
  std::string phone_number;
  // Through which the account connects from now on, see whatsapp::ParseProxy();
  // empty: that of SessionOptions.
  std::string proxy = "";
};

// Hears how a pairing goes; calls come one at a time, from pool threads.
class PairingObserver {
 public:
  virtual ~PairingObserver() = default;
  virtual void OnQrCode(const std::string& text, absl::Time expires_at) = 0;
  // "ABCD-EFGH". Secret. A later one takes the place of an earlier one.
  virtual void OnPairingCode(const std::string& code,
                             absl::Time expires_at) = 0;
  // The last call: exactly one of these.
  virtual void OnPaired(const v1::Session& session) = 0;
  virtual void OnFailed(const absl::Status& why) = 0;
};

// Thread-safe, but for Start and Stop, which its owner calls once each.
class SessionPool : public SessionDirectory {
 public:
  // Everything borrowed outlives the pool; `io` is run by its owner, on any
  // number of threads, until after Stop().
  static std::unique_ptr<SessionPool> Make(boost::asio::io_context& io,
                                           SealedSessions& sealed,
                                           WorkSource& work,
                                           SessionOptions options);

  // Brings up what is stored.
  //
  // Errors: DATA_LOSS or UNAUTHENTICATED (wrong key) naming the session; no
  // session is touched then.
  virtual absl::Status Start() = 0;
  // Closes all connections cleanly and waits until they are, at most `timeout`.
  // What sessions held goes back to the work source.
  virtual void Stop(absl::Duration timeout) = 0;

  // Links a new account. The returned function abandons it.
  //
  // Errors: INVALID_ARGUMENT (name, proxy), ALREADY_EXISTS, RESOURCE_EXHAUSTED
  // (too many pairings at once).
  virtual absl::StatusOr<std::function<void()>> Pair(
      PairingRequest request, std::shared_ptr<PairingObserver> observer) = 0;

  virtual std::vector<v1::Session> List() const = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<v1::Session> Get(const std::string& name) const = 0;
  virtual absl::StatusOr<v1::Session> Pause(const std::string& name) = 0;
  virtual absl::StatusOr<v1::Session> Resume(const std::string& name) = 0;
  // The account connects again, through `proxy`; see PairingRequest.
  //
  // Errors: NOT_FOUND, INVALID_ARGUMENT.
  virtual absl::StatusOr<v1::Session> SetProxy(const std::string& name,
                                               const std::string& proxy) = 0;
  // Erases what contacts gave to our accounts, as PN or LID: it is stored no
  // more soon after.
  virtual void Forget(const std::vector<whatsapp::Jid>& contacts) = 0;
  // Unlinks at WhatsApp (as far as it can be reached), erases the keys, then
  // calls `done` from a pool thread.
  virtual void Logout(const std::string& name,
                      std::function<void(absl::Status)> done) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_SESSION_POOL_H_
