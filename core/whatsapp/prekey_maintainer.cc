#include "core/whatsapp/prekey_maintainer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/base/steady_time.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/prekeys.h"
#include "core/whatsapp/queries.h"
#include "core/whatsapp/signed_prekeys.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

// The wait after this many failed uploads: 1, 2, 3, 5, 8, … s, as in WhatsApp
// Web.
absl::Duration RefillWait(int failures) {
  constexpr absl::Duration kLongest = absl::Seconds(610);
  absl::Duration wait = absl::Seconds(1), next = absl::Seconds(2);
  for (; failures > 1 && wait < kLongest; --failures) {
    wait = std::exchange(next, wait + next);
  }
  return std::min(wait, kLongest);
}

bool IsFromServer(const Node& stanza) {
  return stanza.JidAttribute("from") == ServerJid();
}

// Returns 0 if the answer is not an error.
int ErrorCodeOf(const Node& answer) {
  const Node* const error = answer.FindChild("error");
  return error == nullptr ? 0 : ParseProtocolError(*error).code;
}

}  // namespace

PrekeyMaintainer::PrekeyMaintainer(const asio::any_io_executor& strand,
                                   Device* device,
                                   std::function<void()> on_changed,
                                   const ConnectionOptions& options)
    : device_(*device),
      on_changed_(std::move(on_changed)),
      clock_(options.clock),
      request_timeout_(options.request_timeout),
      wanted_(strand) {}

void PrekeyMaintainer::Attach(std::shared_ptr<Connection> connection) {
  connection_ = std::move(connection);
}

void PrekeyMaintainer::OnNotification(const Node& notification) {
  if (!IsFromServer(notification)) return;
  // The server decides when prekeys are low, so the count itself is not read.
  if (notification.FindChild("count") != nullptr) refill_wanted_ = true;
  if (notification.FindChild("digest") != nullptr) comparison_wanted_ = true;
  wanted_.WakeAll();
}

asio::awaitable<absl::Status> PrekeyMaintainer::UploadFirst() {
  const absl::Status uploaded = co_await Upload(kPrekeyBatch);
  refill_wanted_ = !uploaded.ok();
  co_return uploaded;
}

asio::awaitable<void> PrekeyMaintainer::Run(
    std::shared_ptr<PrekeyMaintainer> self) {
  while (!self->connection_->end().has_value()) {
    if (self->comparison_wanted_) {
      co_await self->Compare();
    } else if (self->UntilRefill() <= absl::ZeroDuration()) {
      co_await self->Refill();
    } else if (self->UntilRotation() <= absl::ZeroDuration()) {
      co_await self->Rotate();
    } else {
      co_await self->wanted_.WaitFor(
          std::min(self->UntilRefill(), self->UntilRotation()));
    }
  }
}

asio::awaitable<void> PrekeyMaintainer::Compare() {
  comparison_wanted_ = false;
  Node query = MakeKeyDigestQuery();
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(query), request_timeout_);
  if (!answer.ok()) co_return;
  const absl::Status same = CheckKeyDigest(*answer, device_);
  if (absl::IsNotFound(same)) refill_wanted_ = true;
  // WhatsApp Web does not repair other differences, either.
  if (!same.ok()) LogWarning("keys: {}", same.ToString());
}

asio::awaitable<void> PrekeyMaintainer::Refill() {
  const absl::Status uploaded = co_await Upload(kPrekeyBatch);
  if (uploaded.ok()) {
    refill_wanted_ = false;
    failed_refills_ = 0;
    co_return;
  }
  LogWarning("prekeys: {}", uploaded.ToString());
  next_refill_ = SteadyNow() + RefillWait(++failed_refills_);
}

asio::awaitable<absl::Status> PrekeyMaintainer::Upload(size_t count) {
  const std::vector<Prekey> prekeys = DrawPrekeys(device_, count);
  // The next id is stored before the upload: if the upload's answer is lost,
  // the server may still use its keys.
  device_.prekey_upload_pending = true;
  on_changed_();
  Node upload = MakePrekeyUpload(device_, prekeys);
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(upload), request_timeout_);
  CO_RETURN_IF_ERROR(answer.status());
  CO_RETURN_IF_ERROR(IqError(*answer));
  device_.prekey_upload_pending = false;
  on_changed_();
  co_return absl::OkStatus();
}

asio::awaitable<void> PrekeyMaintainer::Rotate() {
  // The key is likewise stored before it is offered.
  Node offer = MakeSignedPrekeyRotation(StageSignedPrekey(device_));
  on_changed_();
  const absl::StatusOr<Node> answer =
      co_await connection_->Request(std::move(offer), request_timeout_);
  const absl::Time now = clock_();
  if (!answer.ok()) {
    LogWarning("signed prekey: {}", answer.status().ToString());
    next_rotation_ = now + kSignedPrekeyRetry;
    co_return;
  }
  const absl::Status taken = IqError(*answer);
  if (!taken.ok()) LogWarning("signed prekey: {}", taken.ToString());
  SettleSignedPrekey(device_, ErrorCodeOf(*answer), now);
  on_changed_();
}

absl::Duration PrekeyMaintainer::UntilRefill() const {
  if (!refill_wanted_) return absl::InfiniteDuration();
  return next_refill_ - SteadyNow();
}

absl::Duration PrekeyMaintainer::UntilRotation() const {
  return std::max(SignedPrekeyDue(device_), next_rotation_) - clock_();
}

}  // namespace portrait::whatsapp
