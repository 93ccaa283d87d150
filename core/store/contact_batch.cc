#include "core/store/contact_batch.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "core/contact/contact_key.h"
#include "core/store/merge.h"
#include "core/store/ties.h"

namespace portrait {
namespace {

using store::v1::ContactRecord;

// The JIDs of an observation's contact, as views into the observation or into
// BatchMerger::kept_.
struct Names {
  absl::string_view jid;
  absl::string_view phone;  // a PN JID; empty: the observation has none
  absl::string_view lid;    // empty: the observation has none

  bool TeachMapping() const { return !phone.empty() && !lid.empty(); }
};

// Prefetch reads all records that most batches need, in a few large reads. Then
// observations are merged one after the other, and missing records are read one
// by one.
class BatchMerger {
 public:
  BatchMerger(ContactSource& source, absl::Span<const Observation> observations,
              uint64_t last_sequence, absl::Time now)
      : source_(source), observations_(observations), now_(now) {
    effects_.last_sequence = last_sequence;
    // Slots and puts hold pointers into it, so it must not be reallocated.
    effects_.results.reserve(observations.size());
  }

  absl::StatusOr<BatchEffects> Run() {
    RETURN_IF_ERROR(Prefetch());
    for (size_t i = 0; i < observations_.size(); ++i) {
      RETURN_IF_ERROR(MergeOne(observations_[i], names_[i]));
    }
    return std::move(effects_);
  }

 private:
  struct Slot {
    // Reset when an observation is merged into it.
    std::optional<ContactRecord> loaded;
    const ContactRecord* latest = nullptr;  // as merged within this batch
  };

  absl::string_view Keep(std::string text) {
    return kept_.emplace_back(std::move(text));
  }

  absl::StatusOr<Names> NamesOf(const Observation& observation);
  absl::Status Prefetch();
  absl::Status PrefetchSuppressed();
  absl::Status LoadRecords(absl::Span<const absl::string_view> jids);
  absl::Status LoadCounterparts(absl::Span<const absl::string_view> jids);

  bool IsRefused(const Names& names, ApplyResult& result);
  ForgottenTime ForgottenAt(const Names& names, uint32_t tenant) const;
  bool IsForgotten(const Names& names, const Observation& observation,
                   ApplyResult& result) const;
  bool TieAskers(const Observation& observation, ApplyResult& result) const;
  absl::Status MergeOne(const Observation& observation, const Names& names);
  absl::StatusOr<bool> IsStored(const Names& names, absl::string_view key);
  absl::StatusOr<bool> MoveLid(const Names& names, ContactRecord& record);
  absl::Status DropLid(absl::string_view jid);
  absl::Status Unmap(absl::string_view jid, ContactRecord& record);

  // The record's key: the phone number's JID if it is known, else the LID.
  absl::StatusOr<absl::string_view> KeyOf(const Names& names);
  // Takes the record of `jid` as merged so far; its jid is empty if there is
  // none.
  absl::StatusOr<ContactRecord> TakeRecord(absl::string_view jid);
  absl::StatusOr<std::string> CounterpartOf(absl::string_view jid);

  ContactSource& source_;
  const absl::Span<const Observation> observations_;
  const absl::Time now_;
  BatchEffects effects_;

  std::vector<Names> names_;      // by index of the observation
  std::deque<std::string> kept_;  // strings that names and keys view
  absl::flat_hash_map<absl::string_view, Slot> slots_;
  absl::flat_hash_map<absl::string_view, std::string> counterparts_;
  absl::flat_hash_set<absl::string_view> suppressed_;
};

absl::StatusOr<Names> BatchMerger::NamesOf(const Observation& observation) {
  RETURN_IF_ERROR(CheckKey(observation.jid));
  Names names = {.jid = observation.jid, .phone = "", .lid = ""};
  if (IsLidKey(observation.jid)) {
    names.lid = observation.jid;
    if (!observation.phone_number.empty()) {
      names.phone = Keep(PhoneNumberKey(observation.phone_number));
      RETURN_IF_ERROR(CheckKey(names.phone));
    }
  } else if (IsPhoneNumberKey(observation.jid)) {
    names.phone = observation.jid;
    if (IsLidKey(observation.lid)) {
      names.lid = observation.lid;
      RETURN_IF_ERROR(CheckKey(names.lid));
    }
  }
  return names;
}

absl::Status BatchMerger::Prefetch() {
  // 1. Find the contacts: the phone number of a LID may be known.
  std::vector<absl::string_view> jids;
  names_.reserve(observations_.size());
  for (const Observation& observation : observations_) {
    ASSIGN_OR_RETURN(const Names names, NamesOf(observation));
    if (names.phone.empty() && !names.lid.empty()) jids.push_back(names.lid);
    names_.push_back(names);
  }
  RETURN_IF_ERROR(LoadCounterparts(jids));
  RETURN_IF_ERROR(PrefetchSuppressed());

  // 2. The records.
  jids.clear();
  slots_.reserve(observations_.size());
  for (const Names& names : names_) {
    ASSIGN_OR_RETURN(jids.emplace_back(), KeyOf(names));
  }
  RETURN_IF_ERROR(LoadRecords(jids));

  // 3. For each new mapping, read the previous counterparts of its LID and
  // phone number and any record under the LID. If a record already has the LID,
  // its mapping was stored with it, so most observations need no read.
  std::vector<absl::string_view> mapped, lids;
  for (const Names& names : names_) {
    if (!names.TeachMapping()) continue;
    const std::optional<ContactRecord>& record = slots_[names.phone].loaded;
    if (record.has_value() && record->lid() == names.lid) continue;
    lids.push_back(names.lid);
    mapped.push_back(names.lid);
    mapped.push_back(names.phone);
  }
  RETURN_IF_ERROR(LoadRecords(lids));
  return LoadCounterparts(mapped);
}

absl::Status BatchMerger::PrefetchSuppressed() {
  if (!source_.has_suppressed()) return absl::OkStatus();
  std::vector<absl::string_view> jids;
  for (const Names& names : names_) {
    jids.push_back(names.jid);
    if (!names.phone.empty()) jids.push_back(names.phone);
    if (!names.lid.empty()) jids.push_back(names.lid);
  }
  ASSIGN_OR_RETURN(const std::vector<bool> suppressed,
                   source_.ReadSuppressed(jids));
  for (size_t i = 0; i < jids.size(); ++i) {
    if (suppressed[i]) suppressed_.insert(jids[i]);
  }
  return absl::OkStatus();
}

absl::Status BatchMerger::LoadRecords(
    absl::Span<const absl::string_view> jids) {
  std::vector<absl::string_view> missing;
  missing.reserve(jids.size());
  for (const absl::string_view jid : jids) {
    if (slots_.try_emplace(jid).second) missing.push_back(jid);
  }
  if (missing.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<std::optional<ContactRecord>> records,
                   source_.ReadRecords(missing));
  for (size_t i = 0; i < missing.size(); ++i) {
    slots_[missing[i]].loaded = std::move(records[i]);
  }
  return absl::OkStatus();
}

absl::Status BatchMerger::LoadCounterparts(
    absl::Span<const absl::string_view> jids) {
  std::vector<absl::string_view> missing;
  for (const absl::string_view jid : jids) {
    if (counterparts_.try_emplace(jid).second) missing.push_back(jid);
  }
  if (missing.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<std::string> found,
                   source_.ReadCounterparts(missing));
  for (size_t i = 0; i < missing.size(); ++i) {
    counterparts_[missing[i]] = std::move(found[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BatchMerger::CounterpartOf(absl::string_view jid) {
  const auto changed = effects_.counterparts.find(jid);
  if (changed != effects_.counterparts.end()) return changed->second;
  RETURN_IF_ERROR(LoadCounterparts({jid}));
  return counterparts_[jid];
}

absl::StatusOr<absl::string_view> BatchMerger::KeyOf(const Names& names) {
  if (!names.phone.empty()) return names.phone;
  if (names.lid.empty()) return names.jid;
  ASSIGN_OR_RETURN(std::string phone, CounterpartOf(names.lid));
  if (phone.empty()) return names.lid;
  return Keep(std::move(phone));
}

absl::StatusOr<ContactRecord> BatchMerger::TakeRecord(absl::string_view jid) {
  RETURN_IF_ERROR(LoadRecords({jid}));
  Slot& slot = slots_[jid];
  if (slot.latest != nullptr) return *slot.latest;
  if (!slot.loaded.has_value()) return ContactRecord();
  ContactRecord record = *std::move(slot.loaded);
  slot.loaded.reset();
  return record;
}

// A contact that objected under one of its JIDs is refused under both of them.
bool BatchMerger::IsRefused(const Names& names, ApplyResult& result) {
  if (suppressed_.empty()) return false;
  const bool jid = suppressed_.contains(names.jid);
  const bool phone = suppressed_.contains(names.phone);
  const bool lid = suppressed_.contains(names.lid);
  if (!jid && !phone && !lid) return false;
  if (names.TeachMapping() && !phone) {
    effects_.Object(names.phone, names.lid);
  }
  if (names.TeachMapping() && !lid) effects_.Object(names.lid, names.phone);
  result.record.set_jid(names.jid.data(), names.jid.size());
  result.suppressed = true;
  return true;
}

ForgottenTime BatchMerger::ForgottenAt(const Names& names,
                                       uint32_t tenant) const {
  ForgottenTime latest = source_.ForgottenAt(names.jid, tenant);
  for (const absl::string_view other : {names.phone, names.lid}) {
    if (other.empty()) continue;
    const ForgottenTime time = source_.ForgottenAt(other, tenant);
    if (time.count > latest.count) latest = time;
  }
  return latest;
}

// Whether the contact was forgotten, under either JID and by each asker, after
// it was requested. Also sets result.forgotten_askers.
bool BatchMerger::IsForgotten(const Names& names,
                              const Observation& observation,
                              ApplyResult& result) const {
  ForgottenTime latest;
  if (observation.askers.empty()) {
    latest = ForgottenAt(names, ForgottenContacts::kAllTenants);
    if (latest.count <= observation.forget_count) return false;
  }
  for (const Asker& asker : observation.askers) {
    const ForgottenTime time = ForgottenAt(names, asker.tenant);
    if (time.count <= asker.forget_count) continue;
    result.forgotten_askers.push_back({asker.tenant, time});
    if (time.count > latest.count) latest = time;
  }
  if (result.forgotten_askers.size() < observation.askers.size()) return false;
  result.record.set_jid(names.jid.data(), names.jid.size());
  result.forgotten = latest;
  return true;
}

// Ties the record to each asker that has not forgotten the contact. Returns
// whether that changed the record.
bool BatchMerger::TieAskers(const Observation& observation,
                            ApplyResult& result) const {
  bool is_changed = false;
  for (const Asker& asker : observation.askers) {
    const auto& forgotten = result.forgotten_askers;
    const bool has_forgotten =
        std::any_of(forgotten.begin(), forgotten.end(),
                    [&asker](const ForgottenAsker& each) {
                      return each.tenant == asker.tenant;
                    });
    if (asker.tenant == ForgottenContacts::kAllTenants || has_forgotten) {
      continue;
    }
    is_changed |=
        AddCheckedTie(asker.tenant, observation.observed_at, result.record);
  }
  return is_changed;
}

absl::Status BatchMerger::MergeOne(const Observation& observation,
                                   const Names& names) {
  ApplyResult& result = effects_.results.emplace_back();
  if (IsRefused(names, result) || IsForgotten(names, observation, result)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const absl::string_view key, KeyOf(names));
  if (observation.unasked) {
    ASSIGN_OR_RETURN(const bool is_stored, IsStored(names, key));
    if (!is_stored) {
      result.record.set_jid(key.data(), key.size());
      return absl::OkStatus();
    }
  }
  ASSIGN_OR_RETURN(result.record, TakeRecord(key));

  bool is_moved = false;
  if (names.TeachMapping() && result.record.lid() != names.lid &&
      !IsStale(observation, result.record, now_)) {
    ASSIGN_OR_RETURN(is_moved, MoveLid(names, result.record));
  }
  result.record.set_jid(key.data(), key.size());
  Merged merged = Merge(observation, result.record, now_);
  if (merged.applied && observation.lost_lid) {
    RETURN_IF_ERROR(Unmap(key, result.record));
  }
  slots_[key].latest = &result.record;
  const bool is_tied = TieAskers(observation, result);
  if (!merged.applied && !is_moved && !is_tied) return absl::OkStatus();
  if (!names.lid.empty() && (merged.applied || is_moved)) {
    result.record.set_lid(names.lid.data(), names.lid.size());
  }
  effects_.erased.erase(key);
  effects_.puts.push_back(&result.record);
  if (merged.change.has_value()) {
    merged.change->sequence = ++effects_.last_sequence;
    result.change = std::move(merged.change);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> BatchMerger::IsStored(const Names& names,
                                           absl::string_view key) {
  for (const absl::string_view jid : {key, names.lid}) {
    if (jid.empty()) continue;
    RETURN_IF_ERROR(LoadRecords({jid}));
    const Slot& slot = slots_[jid];
    if (slot.latest != nullptr || slot.loaded.has_value()) return true;
  }
  return false;
}

// Maps the two JIDs of `names` to each other and removes their other mappings.
// Returns true if there was a record under the LID: it becomes `record`, the
// phone number's record, unless the phone number already had one.
absl::StatusOr<bool> BatchMerger::MoveLid(const Names& names,
                                          ContactRecord& record) {
  const std::string phone(names.phone), lid(names.lid);
  ASSIGN_OR_RETURN(const std::string old_lid, CounterpartOf(names.phone));
  if (!old_lid.empty() && old_lid != lid) effects_.counterparts[old_lid] = "";
  ASSIGN_OR_RETURN(const std::string old_phone, CounterpartOf(names.lid));
  if (!old_phone.empty() && old_phone != phone) {
    effects_.counterparts[old_phone] = "";
    RETURN_IF_ERROR(DropLid(Keep(old_phone)));
  }
  effects_.counterparts[phone] = lid;
  effects_.counterparts[lid] = phone;

  ASSIGN_OR_RETURN(ContactRecord under_lid, TakeRecord(names.lid));
  if (under_lid.jid().empty()) return false;
  slots_[names.lid] = Slot();
  effects_.erased.insert(lid);
  effects_.moved_histories[lid] = phone;
  if (record.jid().empty()) {
    record = std::move(under_lid);
    record.set_jid(phone);
    record.set_phone_number(PhoneNumberOf(phone));
  } else {
    JoinTies(under_lid, record);
  }
  return true;
}

// Removes the mapping of `jid`, whose record is `record`.
absl::Status BatchMerger::Unmap(absl::string_view jid, ContactRecord& record) {
  ASSIGN_OR_RETURN(const std::string counterpart, CounterpartOf(jid));
  record.clear_lid();
  if (counterpart.empty()) return absl::OkStatus();
  effects_.counterparts[counterpart] = "";
  effects_.counterparts[std::string(jid)] = "";
  return absl::OkStatus();
}

// Removes the LID from `jid`'s record, because another phone number has it now.
absl::Status BatchMerger::DropLid(absl::string_view jid) {
  ASSIGN_OR_RETURN(ContactRecord record, TakeRecord(jid));
  if (record.jid().empty()) return absl::OkStatus();
  record.clear_lid();
  const ContactRecord& kept =
      effects_.displaced.emplace_back(std::move(record));
  slots_[jid].latest = &kept;
  effects_.puts.push_back(&kept);
  return absl::OkStatus();
}

}  // namespace

const std::string& BatchEffects::HistoryOwner(const std::string& jid) const {
  if (moved_histories.empty()) return jid;
  const auto moved = moved_histories.find(jid);
  return moved == moved_histories.end() ? jid : moved->second;
}

absl::StatusOr<BatchEffects> MergeBatch(
    ContactSource& source, absl::Span<const Observation> observations,
    uint64_t last_sequence, absl::Time now) {
  return BatchMerger(source, observations, last_sequence, now).Run();
}

}  // namespace portrait
