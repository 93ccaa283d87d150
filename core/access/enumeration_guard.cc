#include "core/access/enumeration_guard.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/access/prefix_sketch.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

// Counts are halved after this time, so that a few numbers per day add up.
constexpr absl::Duration kHalfLife = absl::Hours(56 * 24);
// After this many halvings, all counts are zero.
constexpr int kMostHalvings = 32;
constexpr absl::Duration kLongestPause = absl::Hours(24);
// If a tenant is paused again within this time, the pause is longer.
constexpr absl::Duration kAgainWithin = absl::Hours(24);
// Fewer recent crowded numbers than these prove nothing.
constexpr size_t kLeastCrowded = 200;
// If at least this share of the answers is "not on WhatsApp", the tenant
// enumerates numbers; a company that asks about its own employees has fewer.
constexpr double kWalkedUnregisteredShare = 0.5;
constexpr size_t kLeastAnswers = 500;
// The most numbers in a share's total; at this many, all counts are halved.
constexpr size_t kRecent = 1000;

// Counts are stored at this interval: if the process is killed, the counts of
// at most this time are lost.
constexpr absl::Duration kSaveInterval = absl::Minutes(5);
constexpr char kKeyPrefix[] = "guard/";
// A stored watch of another version is ignored, and the tenant's counts start
// again.
constexpr absl::string_view kGuardVersion = "guard-1\n";

// The share of recent numbers that have a certain property.
class RecentShare {
 public:
  // Adds one number; `of_kind` numbers so far have the property.
  void Add(size_t of_kind) {
    if (all_ >= kRecent) {
      all_ /= 2;
      of_kind_ /= 2;
    }
    ++all_;
    of_kind_ = std::min(all_, of_kind_ + of_kind);
  }
  bool Reaches(double share) const {
    return static_cast<double>(of_kind_) >= share * static_cast<double>(all_);
  }
  size_t all() const { return all_; }
  size_t of_kind() const { return of_kind_; }

 private:
  size_t all_ = 0, of_kind_ = 0;
};

std::string KeyOf(const std::string& tenant) {
  return absl::StrCat(kKeyPrefix, tenant);
}

}  // namespace

// The numbers that one tenant has requested recently. Guarded by the guard's
// lock.
class EnumerationGuard::Watch {
 public:
  absl::Time used_at;
  absl::Time saved_at;  // or the time of the first unsaved change

  bool IsPaused(absl::Time now) const { return now < paused_until_; }
  absl::Time paused_until() const { return paused_until_; }

  // Call it before the other methods. `now` may be earlier than before.
  void Age(absl::Time now) {
    next_halving_ = std::min(next_halving_, now + kHalfLife);
    paused_until_ = std::min(paused_until_, now + pause_);
    saved_at = std::min(saved_at, now);
    for (int i = 0; now >= next_halving_ && i < kMostHalvings; ++i) {
      sketch_.Halve();
      own_ /= 2;
      next_halving_ += kHalfLife;
    }
    next_halving_ = std::max(next_halving_, now);
  }

  // Returns true if the tenant enumerates, and pauses it.
  bool AddNumber(uint64_t number, const EnumerationGuardOptions& options,
                 absl::Time now) {
    const std::optional<PrefixSketch::Counts> counts = sketch_.Add(number);
    // A repeated number, as after a failure, adds no information.
    if (!counts.has_value()) return false;
    const uint64_t crowded = CrowdedBy(*counts, options);
    crowded_.Add(crowded);
    own_ += crowded;
    if (!AreCrowded(options) || own_ <= options.own_block) return false;
    Pause(options.pause, now);
    return true;
  }

  std::optional<Sign> AddAnswer(bool registered,
                                const EnumerationGuardOptions& options,
                                absl::Time now) {
    unregistered_.Add(registered ? 0 : 1);
    if (unregistered_.all() < kLeastAnswers || IsPaused(now)) {
      return std::nullopt;
    }
    std::optional<Sign> sign;
    if (unregistered_.Reaches(options.unregistered_share)) {
      sign = Sign::kUnregistered;
    } else if (AreCrowded(options) &&
               unregistered_.Reaches(kWalkedUnregisteredShare)) {
      sign = Sign::kCrowded;
    }
    if (sign.has_value()) Pause(options.pause, now);
    return sign;
  }

  std::string Serialize() const {
    const int64_t numbers[] = {
        absl::ToUnixSeconds(next_halving_), absl::ToUnixSeconds(paused_until_),
        absl::ToInt64Seconds(pause_), static_cast<int64_t>(own_)};
    std::string serialized(kGuardVersion);
    serialized.append(reinterpret_cast<const char*>(numbers), sizeof(numbers));
    return serialized + sketch_.Serialize();
  }
  bool Parse(absl::string_view serialized) {
    int64_t numbers[4];
    if (!absl::ConsumePrefix(&serialized, kGuardVersion) ||
        serialized.size() < sizeof(numbers)) {
      return false;
    }
    std::memcpy(numbers, serialized.data(), sizeof(numbers));
    if (!sketch_.Parse(serialized.substr(sizeof(numbers)))) return false;
    next_halving_ = absl::FromUnixSeconds(numbers[0]);
    paused_until_ = absl::FromUnixSeconds(numbers[1]);
    pause_ = absl::Seconds(numbers[2]);
    own_ = static_cast<uint64_t>(numbers[3]);
    return true;
  }

 private:
  // The number of numbers that become crowded by a new one: the new number
  // itself, or all numbers of its block if the block reaches the limit, unless
  // they were crowded already.
  uint64_t CrowdedBy(const PrefixSketch::Counts& counts,
                     const EnumerationGuardOptions& options) const {
    const PrefixSketch::Counts bounds = sketch_.Bounds();
    const uint64_t limits[] = {options.neighbours, options.density,
                               100 * options.density};
    uint64_t crowded = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
      const uint64_t limit = limits[i] + bounds[i];
      if (counts[i] > limit) return 1;
      if (counts[i] == limit) crowded = limits[i];
    }
    return AreCrowded(options) ? std::min<uint64_t>(crowded, 1) : crowded;
  }

  bool AreCrowded(const EnumerationGuardOptions& options) const {
    return crowded_.of_kind() >= kLeastCrowded &&
           crowded_.Reaches(options.crowded_share);
  }

  // Resets the recent shares, so that the same numbers do not cause a second
  // pause.
  void Pause(absl::Duration first_pause, absl::Time now) {
    const bool again = now - paused_until_ < kAgainWithin;
    pause_ = again ? std::min(2 * pause_, kLongestPause) : first_pause;
    paused_until_ = now + pause_;
    crowded_ = RecentShare();
    unregistered_ = RecentShare();
  }

  PrefixSketch sketch_;
  absl::Time next_halving_ = absl::InfiniteFuture();
  uint64_t own_ = 0;  // crowded numbers, halved with the counts
  RecentShare crowded_;
  RecentShare unregistered_;
  absl::Duration pause_;
  absl::Time paused_until_ = absl::UnixEpoch();
};

EnumerationGuard::EnumerationGuard(EnumerationGuardOptions options,
                                   OnPause on_pause, KeyValueStore* memory)
    : options_(std::move(options)),
      on_pause_(std::move(on_pause)),
      memory_(memory) {}

EnumerationGuard::~EnumerationGuard() {
  absl::MutexLock lock(&mu_);
  for (const auto& [tenant, watch] : watches_) {
    Save({{tenant, watch->Serialize()}});
  }
}

std::unique_ptr<EnumerationGuard::Watch> EnumerationGuard::Load(
    const std::string& tenant) {
  auto watch = std::make_unique<Watch>();
  if (memory_ == nullptr) return watch;
  const absl::StatusOr<std::string> stored = memory_->Get(KeyOf(tenant));
  if (stored.ok()) {
    if (!watch->Parse(*stored)) *watch = Watch();
  } else if (!absl::IsNotFound(stored.status())) {
    LogWarning("access: loading the requested numbers of tenant {}: {}", tenant,
               stored.status().ToString());
  }
  return watch;
}

void EnumerationGuard::Save(const Entries& entries) {
  if (memory_ == nullptr) return;
  for (const auto& [tenant, serialized] : entries) {
    const absl::Status saved = memory_->Put(KeyOf(tenant), serialized);
    if (saved.ok()) continue;
    LogWarning("access: storing the requested numbers of tenant {}: {}", tenant,
               saved.ToString());
  }
}

bool EnumerationGuard::Has(const std::string& tenant) {
  absl::MutexLock lock(&mu_);
  return watches_.contains(tenant);
}

EnumerationGuard::Watch& EnumerationGuard::WatchOfLocked(
    const std::string& tenant, std::unique_ptr<Watch> loaded, absl::Time now,
    Entries* to_save) {
  std::unique_ptr<Watch>& watch = watches_[tenant];
  if (watch == nullptr) {
    watch = loaded == nullptr ? std::make_unique<Watch>() : std::move(loaded);
    watch->saved_at = now;
  }
  watch->used_at = now;
  watch->Age(now);
  if (now - watch->saved_at >= kSaveInterval) {
    if (memory_ != nullptr) to_save->emplace_back(tenant, watch->Serialize());
    watch->saved_at = now;
  }
  Watch& found = *watch;
  if (watches_.size() > kMaxGuardedTenants) EvictLocked(tenant, now, to_save);
  return found;
}

void EnumerationGuard::EvictLocked(const std::string& but, absl::Time now,
                                   Entries* to_save) {
  const auto rank = [&](const auto& entry) {
    // Paused tenants are dropped last: without a store, dropping one ends its
    // pause.
    return std::make_tuple(entry.first == but, entry.second->IsPaused(now),
                           entry.second->used_at);
  };
  const auto evicted = std::min_element(
      watches_.begin(), watches_.end(),
      [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (memory_ != nullptr) {
    to_save->emplace_back(evicted->first, evicted->second->Serialize());
  }
  watches_.erase(evicted);
}

EnumerationGuard::Verdict EnumerationGuard::Admit(
    const std::string& tenant, absl::Span<const uint64_t> numbers) {
  const absl::Time now = options_.clock();
  std::unique_ptr<Watch> loaded = Has(tenant) ? nullptr : Load(tenant);
  Verdict verdict;
  Entries to_save;
  bool has_paused = false;
  {
    absl::MutexLock lock(&mu_);
    Watch& watch = WatchOfLocked(tenant, std::move(loaded), now, &to_save);
    while (verdict.admitted < numbers.size() && !watch.IsPaused(now)) {
      has_paused = watch.AddNumber(numbers[verdict.admitted], options_, now);
      if (!has_paused) ++verdict.admitted;
    }
    verdict.retry_after = watch.paused_until() - now;
    if (has_paused) to_save.emplace_back(tenant, watch.Serialize());
  }
  Save(to_save);
  if (has_paused) {
    LogWarning(
        "access: tenant {} requests numbers close together, like an "
        "enumeration of a number range; the latest is {}. Its new numbers are "
        "refused for {}",
        tenant, Masked(absl::StrCat("+", numbers[verdict.admitted])),
        absl::FormatDuration(verdict.retry_after));
    on_pause_(tenant, Sign::kCrowded, verdict.retry_after);
  }
  return verdict;
}

void EnumerationGuard::OnAnswer(const std::string& tenant, bool registered) {
  const absl::Time now = options_.clock();
  std::unique_ptr<Watch> loaded = Has(tenant) ? nullptr : Load(tenant);
  std::optional<Sign> sign;
  absl::Duration pause;
  Entries to_save;
  {
    absl::MutexLock lock(&mu_);
    Watch& watch = WatchOfLocked(tenant, std::move(loaded), now, &to_save);
    sign = watch.AddAnswer(registered, options_, now);
    if (sign.has_value()) to_save.emplace_back(tenant, watch.Serialize());
    pause = watch.paused_until() - now;
  }
  Save(to_save);
  if (!sign.has_value()) return;
  LogWarning(
      "access: {}, requested by tenant {}. Its new numbers are refused for {}",
      *sign == Sign::kUnregistered
          ? "almost none of the latest numbers is on WhatsApp"
          : "the latest numbers are close together, and half of them are not "
            "on WhatsApp",
      tenant, absl::FormatDuration(pause));
  on_pause_(tenant, *sign, pause);
}

}  // namespace portrait
