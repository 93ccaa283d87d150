// Checks the duties of a client other than its queries.
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/whatsapp/deadline.h"
#include "core/whatsapp/privacy_token.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/session.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

// The accepted error of a client's estimate of the server's clock.
constexpr absl::Duration kSessionIdTolerance = absl::Minutes(10);

// Ids start again every week.
bool IsSessionIdOf(uint64_t id, absl::Time now) {
  const int64_t week = absl::ToInt64Milliseconds(absl::Hours(7 * 24));
  const int64_t tolerance = absl::ToInt64Milliseconds(kSessionIdTolerance);
  int64_t wanted = 0;
  if (!absl::SimpleAtoi(whatsapp::UnifiedSessionId(now), &wanted)) return false;
  const int64_t apart = (static_cast<int64_t>(id) - wanted + week) % week;
  return static_cast<int64_t>(id) < week &&
         (apart <= tolerance || apart >= week - tolerance);
}

}  // namespace

void Session::SendOwed(const Node& stanza) {
  connection_->Send(stanza);
  companion_->NoteDelivered(stanza.AttributeOr("id"));
}

void Session::RemindOfAck(const std::string& tag, const std::string& id) {
  if (!reminded_.insert(id).second) return;
  connection_->Send(
      MakeNode("stream:error", {},
               Node::Children{MakeNode("ack", {{"class", tag}, {"id", id}})}));
}

void Session::Watch() {
  watch_.expires_after(whatsapp::ToTimerDuration(network_.habits.patience / 4));
  watch_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& cancelled) {
        const std::shared_ptr<Session> self = weak.lock();
        if (cancelled || self == nullptr || self->ended_) return;
        self->CheckDuties();
        if (!self->ended_) self->Watch();
      });
}

void Session::CheckDuties() {
  const absl::Time due = absl::Now() - network_.habits.patience;
  if (active_since_ < due && active_since_.has_value() && !prekeys_missed_ &&
      companion_->prekey_count() == 0) {
    prekeys_missed_ = true;
    Report(Broken(Rule::kPrekeysMissing, "none was uploaded, or no more"));
  }
  const std::optional<Node> owed = companion_->FindUnacknowledged(due);
  if (!owed.has_value()) return;
  Report(Broken(Rule::kAckMissing, absl::StrCat("of a <", owed->tag, ">")));
  RemindOfAck(owed->tag, owed->AttributeOr("id"));
  EndQuietly();
}

void Session::Recycle() {
  recycle_.expires_after(whatsapp::ToTimerDuration(network_.habits.stream_life *
                                                   RandomBetween(0.5, 1.5)));
  recycle_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& cancelled) {
        const std::shared_ptr<Session> self = weak.lock();
        if (!cancelled && self != nullptr) self->EndQuietly();
      });
}

void Session::EndQuietly() {
  if (ended_) return;
  connection_->Send(MakeNode("xmlstreamend"));
  End(std::nullopt);
}

void Session::OnAck(const Node& ack) {
  if (companion_ == nullptr) return;
  const absl::Status status = companion_->Acknowledge(ack);
  if (status.ok()) return;
  Report(status);
  if (EntryOf(RuleOf(status).value()).penalty == Penalty::kOwedAck) {
    RemindOfAck(ack.AttributeOr("class"), ack.AttributeOr("id"));
  }
}

void Session::OnIb(const Node& ib) {
  if (companion_ == nullptr) return;
  for (const Node& child : ib.children()) {
    if (child.tag == "offline_batch") {
      const std::optional<uint64_t> count = child.NumberAttribute("count");
      if (!count.has_value()) {
        Report(Broken(Rule::kOfflineBatch, "no count"));
      }
      offline_->Allow(count.value_or(0));
    } else if (child.tag == "unified_session") {
      const std::optional<uint64_t> id = child.NumberAttribute("id");
      if (!id.has_value() || !IsSessionIdOf(*id, network_.clock())) {
        Report(Broken(Rule::kUnifiedSession, child.AttributeOr("id", "no id")));
      }
    } else {
      Report(Broken(Rule::kIbChild, absl::StrCat("<", child.tag, ">")));
    }
  }
}

}  // namespace portrait::sim
