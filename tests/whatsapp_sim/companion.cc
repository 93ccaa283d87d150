#include "tests/whatsapp_sim/companion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/whatsapp_sim/rules.h"
#include "tests/whatsapp_sim/session.h"

namespace portrait::sim {
namespace {

// Beyond these the oldest stanzas are lost and new contacts not remembered.
constexpr size_t kMaxOwedStanzas = 100'000;
constexpr size_t kMaxContacts = 4'000'000;

// What an ack must repeat of the stanza, byte-equal in kind: a LID stays a LID.
absl::Status CheckAck(const whatsapp::Node& ack, const whatsapp::Node& stanza) {
  if (ack.AttributeOr("class") != stanza.tag) {
    return Broken(Rule::kAckForm, "class is not the stanza's tag");
  }
  if (ack.JidAttribute("to") != stanza.JidAttribute("from")) {
    return Broken(Rule::kAckForm, "to is not the stanza's from");
  }
  for (const char* name : {"participant", "recipient"}) {
    if (ack.JidAttribute(name) != stanza.JidAttribute(name)) {
      return Broken(Rule::kAckForm, absl::StrCat(name, " is not the stanza's"));
    }
  }
  const std::optional<std::string> type = ack.Attribute("type");
  if (type.has_value() && type != stanza.Attribute("type")) {
    return Broken(Rule::kAckType, "the type is invented");
  }
  return absl::OkStatus();
}

}  // namespace

whatsapp::Jid Companion::jid() const {
  whatsapp::Jid jid = whatsapp::PhoneNumberJid(absl::StrCat(number()));
  jid.device = static_cast<uint16_t>(identity_.device());
  return jid;
}

state::StoredCompanion Companion::Snapshot() const {
  state::StoredCompanion stored = identity_;
  absl::MutexLock lock(&mu_);
  *stored.mutable_prekeys() = prekeys_;
  return stored;
}

void Companion::AddPrekeys(const std::map<uint32_t, std::string>& prekeys) {
  absl::MutexLock lock(&mu_);
  for (const auto& [id, key] : prekeys) prekeys_[id] = key;
}

size_t Companion::prekey_count() const {
  absl::MutexLock lock(&mu_);
  return prekeys_.size();
}

Companion::Attachment Companion::Attach(
    const std::shared_ptr<Session>& session) {
  absl::MutexLock lock(&mu_);
  Attachment attachment{session_.lock(), {owed_.begin(), owed_.end()}};
  session_ = session;
  return attachment;
}

std::shared_ptr<Session> Companion::session() const {
  absl::MutexLock lock(&mu_);
  return session_.lock();
}

void Companion::Deliver(whatsapp::Node stanza) {
  std::shared_ptr<Session> session;
  {
    absl::MutexLock lock(&mu_);
    owed_.push_back(stanza);
    if (owed_.size() > kMaxOwedStanzas) owed_.pop_front();
    session = session_.lock();
  }
  if (session != nullptr) session->Deliver(std::move(stanza));
}

absl::Status Companion::Acknowledge(const whatsapp::Node& ack) {
  absl::MutexLock lock(&mu_);
  const auto stanza = std::find_if(
      owed_.begin(), owed_.end(), [&](const whatsapp::Node& candidate) {
        return candidate.Attribute("id") == ack.Attribute("id");
      });
  if (stanza == owed_.end()) {
    return Broken(Rule::kAckUnasked,
                  absl::StrCat("no stanza waits with id ",
                               ack.AttributeOr("id", "(none)")));
  }
  const absl::Status status = CheckAck(ack, *stanza);
  if (status.ok()) owed_.erase(stanza);
  return status;
}

void Companion::Remember(uint64_t subject) {
  absl::MutexLock lock(&mu_);
  if (contacts_.size() < kMaxContacts) contacts_.insert(subject);
}

bool Companion::Remembers(uint64_t subject) const {
  absl::MutexLock lock(&mu_);
  return contacts_.contains(subject);
}

absl::Duration Companion::Admit(double rate, absl::Time now) {
  absl::MutexLock lock(&mu_);
  const double capacity = std::max(1.0, rate);
  // The first query finds the bucket full.
  const double elapsed_seconds =
      refilled_at_ == absl::InfinitePast()
          ? capacity / rate
          : std::max(0.0, absl::ToDoubleSeconds(now - refilled_at_));
  tokens_ = std::min(capacity, tokens_ + elapsed_seconds * rate);
  refilled_at_ = now;
  if (tokens_ >= 1) {
    tokens_ -= 1;
    return absl::ZeroDuration();
  }
  return absl::Seconds((1 - tokens_) / rate);
}

}  // namespace portrait::sim
