#include "server/lookup_audit.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/contact/contact.h"

namespace portrait {
namespace {

constexpr absl::string_view kReasonPrefix = "ERROR_REASON_";
constexpr absl::string_view kStatePrefix = "PICTURE_STATE_";
constexpr absl::string_view kSourcePrefix = "SOURCE_";
constexpr char kGivenUp[] = "GIVEN_UP";

absl::string_view OutcomeName(const ResultFacts& facts) {
  if (facts.failed()) {
    return absl::StripPrefix(v1::ErrorReason_Name(facts.error), kReasonPrefix);
  }
  if (facts.registration == v1::REGISTRATION_NOT_REGISTERED) {
    return "NOT_REGISTERED";
  }
  return absl::StripPrefix(v1::PictureState_Name(facts.state), kStatePrefix);
}

absl::string_view SourceOf(const ResultFacts& facts) {
  if (facts.source == v1::SOURCE_UNSPECIFIED) return "";
  return absl::StripPrefix(v1::Source_Name(facts.source), kSourcePrefix);
}

}  // namespace

LookupAudit::~LookupAudit() { End(); }

void LookupAudit::Asked(size_t contacts) {
  if (log_ == nullptr) return;
  absl::MutexLock lock(&mu_);
  asked_ += contacts;
  pending_ += contacts;
}

void LookupAudit::Parsed(const Contact& contact) {
  if (log_ == nullptr) return;
  std::string id = log_->ContactId(contact.jid.ToString());
  absl::MutexLock lock(&mu_);
  digest_.Add(id);
  if (digest_.count() == 1) first_ = std::move(id);
}

void LookupAudit::Parse(const LookupRequest& request,
                        absl::Span<const LookupItem> items) {
  if (log_ == nullptr) return;
  for (const LookupItem& item : items) {
    const absl::StatusOr<Contact> contact =
        ParseContact(item.contact, CountryOf(item, request));
    if (contact.ok()) Parsed(*contact);
  }
}

void LookupAudit::Answered(const LookupResults& results) {
  if (log_ == nullptr) return;
  absl::MutexLock lock(&mu_);
  pending_ -= std::min(pending_, results.size());
  answered_ += results.size();
  for (const ResultFacts& facts : results.facts()) {
    ++outcomes_[OutcomeName(facts)];
    const absl::string_view source = SourceOf(facts);
    if (!source.empty()) ++sources_[source];
  }
  if (answered_ >= kMaxItems) WriteLocked();
}

void LookupAudit::End() {
  if (log_ == nullptr) return;
  absl::MutexLock lock(&mu_);
  if (pending_ > 0) outcomes_[kGivenUp] += std::exchange(pending_, 0);
  WriteLocked();
}

// The digest covers the contacts requested since the last line; the outcomes
// are those of the contacts answered since then.
void LookupAudit::WriteLocked() {
  if (asked_ == 0 && outcomes_.empty()) return;
  const bool is_one = asked_ == 1 && answered_ <= 1;
  const auto list = [is_one](const Counts& counts) {
    if (is_one && counts.size() <= 1) {
      return std::string(counts.empty() ? "" : counts.begin()->first);
    }
    return absl::StrJoin(counts, " ", absl::PairFormatter("="));
  };
  log_->Write("lookup", caller_,
              {{"contact", is_one ? first_ : ""},
               {"contacts", is_one ? "" : absl::StrCat(asked_)},
               {"digest", is_one ? "" : digest_.Hex()},
               {is_one ? "outcome" : "outcomes", list(outcomes_)},
               {is_one ? "source" : "sources", list(sources_)}});
  asked_ = answered_ = 0;
  first_.clear();
  digest_ = ContactDigest();
  outcomes_.clear();
  sources_.clear();
}

std::string AuditIdOf(const AuditLog& log, absl::string_view contact,
                      absl::string_view country) {
  const absl::StatusOr<Contact> parsed = ParseContact(contact, country);
  return parsed.ok() ? log.ContactId(parsed->jid.ToString()) : "";
}

}  // namespace portrait
