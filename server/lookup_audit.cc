#include "server/lookup_audit.h"

#include <utility>
#include <vector>

#include "absl/strings/strip.h"
#include "core/contact/contact.h"

namespace portrait {
namespace {

constexpr absl::string_view kReasonPrefix = "ERROR_REASON_";
constexpr absl::string_view kStatePrefix = "PICTURE_STATE_";
constexpr absl::string_view kSourcePrefix = "SOURCE_";
constexpr char kGivenUp[] = "GIVEN_UP";

absl::string_view OutcomeOf(const ResultFacts& facts) {
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

LookupAudit::~LookupAudit() {
  absl::MutexLock lock(&mu_);
  for (const auto& [tag, contacts] : asked_) {
    for (const std::string& contact : contacts) Write(contact, kGivenUp, "");
  }
}

void LookupAudit::Asked(const LookupRequest& request,
                        absl::Span<const LookupItem> items) {
  if (log_ == nullptr) return;
  std::vector<std::string> contacts;
  contacts.reserve(items.size());
  for (const LookupItem& item : items) {
    contacts.push_back(
        AuditIdOf(*log_, item.contact, CountryOf(item, request)));
  }
  absl::MutexLock lock(&mu_);
  for (size_t i = 0; i < items.size(); ++i) {
    asked_[items[i].tag].push_back(std::move(contacts[i]));
  }
}

void LookupAudit::Answered(const LookupResults& results) {
  if (log_ == nullptr) return;
  std::vector<std::string> contacts(results.size());
  {
    absl::MutexLock lock(&mu_);
    for (size_t i = 0; i < results.size(); ++i) {
      const auto asked = asked_.find(results.facts()[i].tag);
      if (asked == asked_.end()) continue;
      contacts[i] = std::move(asked->second.front());
      asked->second.pop_front();
      if (asked->second.empty()) asked_.erase(asked);
    }
  }
  for (size_t i = 0; i < results.size(); ++i) {
    const ResultFacts& facts = results.facts()[i];
    Write(contacts[i], OutcomeOf(facts), SourceOf(facts));
  }
}

void LookupAudit::Write(absl::string_view contact, absl::string_view outcome,
                        absl::string_view source) const {
  log_->Write("lookup", caller_,
              {{"contact", contact}, {"outcome", outcome}, {"source", source}});
}

std::string AuditIdOf(const AuditLog& log, absl::string_view contact,
                      absl::string_view country) {
  const absl::StatusOr<Contact> parsed = ParseContact(contact, country);
  return parsed.ok() ? log.ContactId(parsed->jid.ToString()) : "";
}

}  // namespace portrait
