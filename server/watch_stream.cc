#include "server/watch_stream.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/contact/contact.h"
#include "core/store/change_codec.h"
#include "server/rpc_status.h"
#include "server/served_stream.h"
#include "server/tenant_view.h"

namespace portrait {
namespace {

constexpr int kTicksPerHeartbeat = 60;  // 15 s

// One call. No changes are buffered for a slow watcher: the log is read for the
// next message only after the previous one has been sent.
//
//   1. A store thread parses the contacts and finds their records, in the
//      tenant's turn: a thousand contacts would keep gRPC's thread from others.
//   2. A message with only the resume token says where the stream starts.
//   3. After a wake from the feed, or a full batch, a store thread reads the
//      log.
//   4. The changes that the watcher wants are sent; then step 3 follows again.
//   5. If no message was sent for a while, the token is sent as a heartbeat.
//
// Thread-safe.
class WatchStream final : public ServedStream<WatchStream, WatchReactor> {
 public:
  using ServedStream::ServedStream;

  void Start(const v1::WatchProfilePictureChangesRequest& request);

  void OnDone() override;

 private:
  OperationPump::Operation NextLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;
  void OnTickLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) override;
  absl::Status Prepare(const v1::WatchProfilePictureChangesRequest& request);
  void OnChanges();
  void FindContacts();
  absl::Status ParseContacts();
  absl::Status ResolveContacts();
  void ReadLog();
  bool Wants(const Change& change) const;

  std::shared_ptr<void> subscription_;  // set until OnDone

  const TenantView view_ = TenantView::Of(caller_, backends_.isolates_tenants);
  const bool shows_images_ =
      backends_.images != nullptr && caller_.rights.Has(v1::RIGHT_IMAGES);

  // Used by Start, and then by the store threads, one at a time.
  google::protobuf::RepeatedPtrField<std::string> contacts_;
  absl::flat_hash_set<std::string> wanted_jids_;  // empty: every contact

  // Used by the read, and then by the write under way.
  v1::WatchProfilePictureChangesResponse response_;

  // All changes up to it have been read.
  uint64_t position_ ABSL_GUARDED_BY(mu_) = 0;
  bool more_ ABSL_GUARDED_BY(mu_) = true;  // the log may have later changes
  bool response_ready_ ABSL_GUARDED_BY(mu_) = false;
  bool contacts_due_ ABSL_GUARDED_BY(mu_) = false;  // step 1
  bool reading_ ABSL_GUARDED_BY(mu_) = false;       // on a store thread
  bool heartbeat_due_ ABSL_GUARDED_BY(mu_) = true;
  int ticks_since_write_ ABSL_GUARDED_BY(mu_) = 0;
};

void WatchStream::Start(const v1::WatchProfilePictureChangesRequest& request) {
  // Before the stream is registered: a tick must not see an unset position.
  const absl::Status prepared = Prepare(request);
  absl::Status status = Open();
  if (status.ok()) status = prepared;
  if (!status.ok()) {
    Fail(std::move(status));
    return;
  }
  subscription_ = backends_.changes.Subscribe([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->OnChanges();
  });
  Pump();
}

absl::Status WatchStream::Prepare(
    const v1::WatchProfilePictureChangesRequest& request) {
  const uint64_t newest = backends_.changes.last_sequence();
  uint64_t position = newest;
  if (!request.resume_token().empty()) {
    const absl::StatusOr<uint64_t> token =
        ParseResumeToken(request.resume_token());
    if (!token.ok()) {
      return InvalidField("resume_token", token.status().message());
    }
    if (*token > newest) {
      return InvalidField(
          "resume_token",
          "is ahead of this server's change log: it was issued by another "
          "server, or the store was restored from a backup");
    }
    position = *token;
  }
  if (request.contacts_size() > kMaxWatchedContacts) {
    return InvalidField(
        "contacts", absl::StrCat(request.contacts_size(), " contacts; at most ",
                                 kMaxWatchedContacts));
  }
  contacts_ = request.contacts();
  absl::MutexLock lock(&mu_);
  contacts_due_ = !contacts_.empty();
  position_ = position;
  return absl::OkStatus();
}

void WatchStream::OnDone() {
  // Waits for a wake under way. Otherwise that wake could be the last holder of
  // this object, and destroy the subscription within its own callback.
  subscription_.reset();
  backends_.metrics.ForgetWatcher(this);
  ServedStream::OnDone();
}

void WatchStream::OnChanges() {
  {
    absl::MutexLock lock(&mu_);
    more_ = true;
  }
  Pump();
}

void WatchStream::OnTickLocked() {
  backends_.metrics.SetWatchLag(this,
                                backends_.changes.last_sequence() - position_);
  if (++ticks_since_write_ >= kTicksPerHeartbeat) heartbeat_due_ = true;
}

OperationPump::Operation WatchStream::NextLocked() {
  if (writing_ || reading_) return nullptr;
  if (std::exchange(contacts_due_, false)) {
    reading_ = true;
    return [this] {
      backends_.lanes->PostRead(caller_.tenant, [self = shared_from_this()] {
        self->FindContacts();
      });
    };
  }
  if (heartbeat_due_ && !response_ready_) {
    response_.Clear();
    response_ready_ = true;
  }
  if (response_ready_) {
    response_.set_resume_token(MakeResumeToken(position_));
    response_ready_ = heartbeat_due_ = false;
    ticks_since_write_ = 0;
    writing_ = true;
    return [this] { StartWrite(&response_); };
  }
  if (!more_) return nullptr;
  more_ = false;
  reading_ = true;
  return [this] {
    backends_.lanes->PostRead(caller_.tenant,
                              [self = shared_from_this()] { self->ReadLog(); });
  };
}

void WatchStream::FindContacts() {
  bool is_over = false;
  {
    absl::MutexLock lock(&mu_);
    is_over = !failure_.ok();  // the caller has left
  }
  absl::Status status = is_over ? absl::OkStatus() : ParseContacts();
  if (status.ok() && !is_over) status = ResolveContacts();
  {
    absl::MutexLock lock(&mu_);
    reading_ = false;
    if (failure_.ok()) failure_ = std::move(status);
  }
  Pump();
}

absl::Status WatchStream::ParseContacts() {
  for (int i = 0; i < contacts_.size(); ++i) {
    const absl::StatusOr<Contact> contact = ParseContact(contacts_[i]);
    if (!contact.ok()) {
      return InvalidField(absl::StrCat("contacts[", i, "]"),
                          contact.status().message(),
                          v1::ERROR_REASON_INVALID_CONTACT);
    }
    for (std::string& key : contact->Keys()) {
      wanted_jids_.insert(std::move(key));
    }
  }
  contacts_.Clear();
  return absl::OkStatus();
}

// A person known by number and LID has one record, under the number, so changes
// of a requested LID are stored there.
absl::Status WatchStream::ResolveContacts() {
  const std::vector<std::string> jids(wanted_jids_.begin(), wanted_jids_.end());
  ASSIGN_OR_RETURN(const std::vector<StoredContact> stored,
                   backends_.store.Get(jids));
  for (const StoredContact& contact : stored) {
    if (contact.record.has_value()) wanted_jids_.insert(contact.record->jid());
  }
  return absl::OkStatus();
}

// Reads one batch of the log into `response_`, on a store thread.
void WatchStream::ReadLog() {
  uint64_t after = 0;
  {
    absl::MutexLock lock(&mu_);
    after = position_;
  }
  std::vector<Change> changes;
  auto read = backends_.changes.Read(after, kMaxChangesPerMessage);
  absl::Status status = read.status();
  if (read.ok()) changes = *std::move(read);
  const uint64_t read_up_to = changes.empty() ? after : changes.back().sequence;
  const bool is_full = changes.size() == kMaxChangesPerMessage;
  changes.erase(
      std::remove_if(changes.begin(), changes.end(),
                     [this](const Change& change) { return !Wants(change); }),
      changes.end());
  if (status.ok()) status = KeepShown(backends_.store, view_, &changes);
  response_.Clear();
  for (const Change& change : changes) {
    if (!status.ok()) break;
    v1::ProfilePictureChange* const shown = response_.add_changes();
    *shown = ToProto(change);
    if (shows_images_) status = backends_.images->AddTo(shown);
  }
  {
    absl::MutexLock lock(&mu_);
    reading_ = false;
    if (status.ok()) position_ = read_up_to;
    if (failure_.ok()) failure_ = std::move(status);
    if (is_full) more_ = true;
    response_ready_ = response_.changes_size() > 0;
  }
  Pump();
}

bool WatchStream::Wants(const Change& change) const {
  return wanted_jids_.empty() || wanted_jids_.contains(change.jid);
}

}  // namespace

WatchReactor* StartWatchStream(
    const Backends& backends, std::shared_ptr<OpenStreams> streams,
    grpc::CallbackServerContext* context, Principal caller,
    const v1::WatchProfilePictureChangesRequest& request) {
  auto stream = std::make_shared<WatchStream>(backends, std::move(streams),
                                              context, std::move(caller));
  stream->Start(request);
  // gRPC calls OnDone only after this function has returned the reactor.
  return stream.get();
}

}  // namespace portrait
