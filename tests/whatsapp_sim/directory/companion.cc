#include "tests/whatsapp_sim/directory/companion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/session.h"

namespace portrait::sim {
namespace {

// The most contacts that are remembered; further ones are not.
constexpr size_t kMaxContacts = 4'000'000;
// Queries within this time may have been sent before the client read the error.
constexpr absl::Duration kOnItsWay = absl::Seconds(1);

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
  *stored.mutable_signed_prekey() = signed_prekey_;
  return stored;
}

absl::Status Companion::AddPrekeys(
    const std::map<uint32_t, std::string>& prekeys) {
  absl::MutexLock lock(&mu_);
  for (const auto& [id, key] : prekeys) {
    const auto held = prekeys_.find(id);
    const auto taken = taken_.find(id);
    if ((held != prekeys_.end() && held->second != key) ||
        (taken != taken_.end() && taken->second != key)) {
      return Broken(Rule::kPrekeyReused, absl::StrCat("id ", id));
    }
  }
  for (const auto& [id, key] : prekeys) prekeys_[id] = key;
  return absl::OkStatus();
}

size_t Companion::TakePrekeys(size_t count) {
  absl::MutexLock lock(&mu_);
  for (; count > 0 && !prekeys_.empty(); --count) {
    const auto first = prekeys_.begin();
    taken_.emplace(first->first, first->second);
    prekeys_.erase(first);
  }
  return prekeys_.size();
}

void Companion::SetSignedPrekey(state::StoredCompanion::SignedPrekey prekey) {
  absl::MutexLock lock(&mu_);
  signed_prekey_ = std::move(prekey);
}

size_t Companion::prekey_count() const {
  absl::MutexLock lock(&mu_);
  return prekeys_.size();
}

Companion::Attachment Companion::Attach(
    const std::shared_ptr<Session>& session) {
  absl::MutexLock lock(&mu_);
  Attachment attachment{session_.lock(), owed_.Restart()};
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
    owed_.Add(stanza);
    session = session_.lock();
  }
  if (session != nullptr) session->Deliver(std::move(stanza));
}

void Companion::NoteDelivered(const std::string& id) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mu_);
  owed_.NoteDelivered(id, now);
}

absl::Status Companion::Acknowledge(const whatsapp::Node& ack) {
  const whatsapp::Jid own = jid();
  absl::MutexLock lock(&mu_);
  return owed_.Settle(ack, own);
}

size_t Companion::unacknowledged() const {
  absl::MutexLock lock(&mu_);
  return owed_.size();
}

std::optional<whatsapp::Node> Companion::FindUnacknowledged(
    absl::Time time) const {
  absl::MutexLock lock(&mu_);
  return owed_.DeliveredBefore(time);
}

void Companion::SetDirty(absl::string_view type, absl::Time since) {
  absl::MutexLock lock(&mu_);
  dirty_.Set(type, static_cast<uint64_t>(absl::ToUnixSeconds(since)));
}

std::vector<whatsapp::Node> Companion::DirtyStanzas() const {
  absl::MutexLock lock(&mu_);
  return dirty_.Stanzas();
}

absl::Status Companion::ClearDirty(const whatsapp::Node& clean) {
  absl::MutexLock lock(&mu_);
  return dirty_.Clear(clean);
}

size_t Companion::dirty_bits() const {
  absl::MutexLock lock(&mu_);
  return dirty_.size();
}

void Companion::Remember(uint64_t subject) {
  absl::MutexLock lock(&mu_);
  if (contacts_.size() < kMaxContacts) contacts_.insert(subject);
}

bool Companion::Remembers(uint64_t subject) const {
  absl::MutexLock lock(&mu_);
  return contacts_.contains(subject);
}

void Companion::LeaveAlone(const std::string& protocol, absl::Time now,
                           absl::Duration backoff) {
  absl::MutexLock lock(&mu_);
  Backoff& held = backoffs_[protocol];
  // If the wait is only extended, `told_at` stays: queries in transit have
  // arrived.
  if (now >= held.ends_at) held.told_at = now;
  held.ends_at = std::max(held.ends_at, now + backoff);
}

bool Companion::IsLeftAlone(const std::string& protocol, absl::Time now) const {
  absl::MutexLock lock(&mu_);
  const auto backoff = backoffs_.find(protocol);
  return backoff == backoffs_.end() ||
         now < backoff->second.told_at + kOnItsWay ||
         now >= backoff->second.ends_at;
}

absl::Duration Companion::Admit(double rate, absl::Time now) {
  absl::MutexLock lock(&mu_);
  const double capacity = std::max(1.0, rate);
  // At the first query the bucket is full.
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
