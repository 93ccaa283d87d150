#include "core/access/usage_ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {
namespace {

constexpr absl::string_view kUsagePrefix = "usage/";
// Counts are stored at this interval: a power failure may lose the counts of at
// most this time.
constexpr absl::Duration kFlushInterval = absl::Seconds(1);
// A broken store fails every time, so the log has one warning in this time.
constexpr absl::Duration kComplaintInterval = absl::Seconds(10);

// "usage/2026-11/acme".
std::string KeyOf(absl::string_view tenant, const Month& month) {
  return absl::StrCat(kUsagePrefix, month.name, "/", tenant);
}

std::string Serialize(const UsageCounts& counts) {
  store::v1::Usage usage;
  usage.set_from_store(counts.from_store);
  usage.set_from_whatsapp(counts.from_whatsapp);
  usage.set_failed(counts.failed);
  return usage.SerializeAsString();
}

// Errors: NOT_FOUND if the store has no counter.
absl::StatusOr<UsageCounts> ReadStored(KeyValueStore& store,
                                       const std::string& key) {
  ASSIGN_OR_RETURN(const std::string value, store.Get(key));
  store::v1::Usage usage;
  if (!usage.ParseFromString(value)) {
    return absl::DataLossError(absl::StrCat("access: ", key, " is unreadable"));
  }
  return UsageCounts{usage.from_store(), usage.from_whatsapp(), usage.failed()};
}

absl::StatusOr<UsageCounts> ReadStoredOrZero(KeyValueStore& store,
                                             const std::string& key) {
  absl::StatusOr<UsageCounts> counts = ReadStored(store, key);
  if (absl::IsNotFound(counts.status())) return UsageCounts();
  return counts;
}

UsageCounts Larger(const UsageCounts& a, const UsageCounts& b) {
  return {std::max(a.from_store, b.from_store),
          std::max(a.from_whatsapp, b.from_whatsapp),
          std::max(a.failed, b.failed)};
}

absl::Time BeginOf(const absl::CivilMonth& month) {
  return absl::FromCivil(absl::CivilSecond(month), absl::UTCTimeZone());
}

Month MakeMonth(const absl::CivilMonth& month) {
  return {absl::FormatCivilTime(month), BeginOf(month), BeginOf(month + 1)};
}

}  // namespace

Month MonthOf(absl::Time time) {
  return MakeMonth(absl::ToCivilMonth(time, absl::UTCTimeZone()));
}

absl::StatusOr<Month> ParseMonth(absl::string_view name) {
  absl::CivilMonth month;
  constexpr size_t kBytes = absl::string_view("2026-11").size();
  if (name.size() != kBytes || !absl::ParseCivilTime(name, &month)) {
    return absl::InvalidArgumentError("expected a month such as 2026-11");
  }
  return MakeMonth(month);
}

absl::StatusOr<std::unique_ptr<UsageLedger>> UsageLedger::Open(
    KeyValueStore& store, const std::string& file) {
  ASSIGN_OR_RETURN(std::unique_ptr<UsageFile> usage_file,
                   UsageFile::Open(file));
  std::unique_ptr<UsageLedger> ledger(
      new UsageLedger(store, std::move(usage_file)));
  RETURN_IF_ERROR(ledger->TakeOver());
  ledger->flusher_ =
      std::thread([ledger = ledger.get()] { ledger->FlushUntilStopped(); });
  return ledger;
}

UsageLedger::~UsageLedger() {
  stop_.Notify();
  if (flusher_.joinable()) flusher_.join();
}

// Runs in the constructor's thread, before other threads use the ledger.
absl::Status UsageLedger::TakeOver() {
  absl::MutexLock lock(&mu_);
  const std::vector<UsageSlot*> slots = file_->Used();
  std::vector<std::pair<std::string, std::string>> entries;
  for (UsageSlot* const slot : slots) {
    const std::string key = slot->key;
    // After a power cut the file may have any content.
    if (!absl::StartsWith(key, kUsagePrefix)) continue;
    ASSIGN_OR_RETURN(const UsageCounts stored, ReadStoredOrZero(store_, key));
    const UsageCounts newest = Larger(stored, slot->Read());
    if (newest != stored) entries.push_back({key, Serialize(newest)});
  }
  if (!entries.empty()) RETURN_IF_ERROR(store_.PutAll(entries));
  for (UsageSlot* const slot : slots) file_->Release(slot);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<UsageCounter>> UsageLedger::CounterOf(
    absl::string_view tenant, const Month& month) {
  const std::string key = KeyOf(tenant, month);
  {
    absl::MutexLock lock(&mu_);
    const auto found = counters_.find(key);
    if (found != counters_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(const UsageCounts stored, ReadStoredOrZero(store_, key));
  absl::MutexLock lock(&mu_);
  std::shared_ptr<UsageCounter>& counter = counters_[key];
  if (counter == nullptr) {  // another thread may have made it meanwhile
    counter = std::make_shared<UsageCounter>();
    counter->slot_ = file_->Claim(key);
    if (counter->slot_ == nullptr) {
      counter->own_slot_ = std::make_unique<UsageSlot>();
      counter->slot_ = counter->own_slot_.get();
    }
    counter->stored_ = stored;
    counter->Add(stored);
  }
  return counter;
}

absl::StatusOr<UsageCounts> UsageLedger::Get(absl::string_view tenant,
                                             const Month& month) {
  const std::string key = KeyOf(tenant, month);
  {
    absl::MutexLock lock(&mu_);
    const auto found = counters_.find(key);
    if (found != counters_.end()) return found->second->Read();
  }
  return ReadStored(store_, key);
}

absl::Status UsageLedger::Flush() {
  struct Copied {
    std::string key;
    std::shared_ptr<UsageCounter> counter;
    UsageCounts counts;
  };
  std::vector<Copied> copied;
  std::vector<std::pair<std::string, std::string>> entries;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [key, counter] : counters_) {
      const UsageCounts counts = counter->Read();
      const bool unused = counter.use_count() == 1;
      if (counts == counter->stored_ && !unused) continue;
      copied.push_back({key, counter, counts});
      entries.push_back({key, Serialize(counts)});
    }
  }
  if (entries.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(store_.PutAll(entries));
  absl::MutexLock lock(&mu_);
  for (Copied& each : copied) {
    each.counter->stored_ = each.counts;
    // If only the map and this copy hold the counter, no caller can add to it.
    if (each.counter.use_count() > 2 || each.counts != each.counter->Read()) {
      continue;
    }
    if (each.counter->own_slot_ == nullptr) file_->Release(each.counter->slot_);
    counters_.erase(each.key);
  }
  return absl::OkStatus();
}

void UsageLedger::FlushUntilStopped() {
  absl::Time last_complaint = absl::InfinitePast();
  bool stopping = false;
  do {
    stopping = stop_.WaitForNotificationWithTimeout(kFlushInterval);
    const absl::Status status = Flush();
    const absl::Time now = absl::Now();
    if (status.ok() || now - last_complaint < kComplaintInterval) continue;
    last_complaint = now;
    LogError("access: storing the tenants' usage failed: {}",
             status.ToString());
  } while (!stopping);
}

}  // namespace portrait
