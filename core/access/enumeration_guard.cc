#include "core/access/enumeration_guard.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

// Numbers are counted together if they are asked about within this time.
constexpr absl::Duration kWindow = absl::Hours(24);
constexpr absl::Duration kLongestPause = absl::Hours(24);
// Fewer crowded numbers than these prove nothing: the phone numbers of a
// company's hundred employees may be consecutive.
constexpr size_t kLeastCrowded = 200;
constexpr size_t kLeastAnswers = 500;
// The most numbers in a share's total; at this many, all counts are halved.
constexpr size_t kRecent = 1000;

// The share of recent numbers that have a certain property.
class RecentShare {
 public:
  void Add(bool of_kind) {
    if (all_ >= kRecent) {
      all_ /= 2;
      of_kind_ /= 2;
    }
    ++all_;
    if (of_kind) ++of_kind_;
  }
  bool Reaches(double share) const {
    return static_cast<double>(of_kind_) >= share * static_cast<double>(all_);
  }
  size_t all() const { return all_; }
  size_t of_kind() const { return of_kind_; }

 private:
  size_t all_ = 0, of_kind_ = 0;
};

// A block of neighbouring numbers and the numbers asked about within a day.
struct Block {
  uint64_t prefix = 0;  // the numbers without their last digits; 0: unused
  uint64_t used_at = 0;
  absl::Time since;
};
struct Hundred : Block {
  std::bitset<100> asked;
};
struct TenThousand : Block {
  size_t asked = 0;
};

// The recently used blocks, by prefix. A prefix has four possible places; a new
// block replaces the one that was used longest ago.
template <typename BlockType>
class RecentBlocks {
 public:
  BlockType& Of(uint64_t prefix, absl::Time now) {
    auto& places = sets_[absl::HashOf(prefix) % kSets];
    auto found = std::find_if(
        places.begin(), places.end(),
        [prefix](const BlockType& block) { return block.prefix == prefix; });
    if (found == places.end()) {
      found = std::min_element(places.begin(), places.end(),
                               [](const BlockType& a, const BlockType& b) {
                                 return a.used_at < b.used_at;
                               });
    }
    if (found->prefix != prefix || now - found->since >= kWindow) {
      *found = BlockType();
      found->prefix = prefix;
      found->since = now;
    }
    found->used_at = ++uses_;
    return *found;
  }

 private:
  static constexpr size_t kSets = 256;
  static constexpr size_t kPlaces = 4;

  std::array<std::array<BlockType, kPlaces>, kSets> sets_;
  uint64_t uses_ = 0;
};

}  // namespace

// The recent numbers of one tenant. Guarded by the guard's lock.
class EnumerationGuard::Watch {
 public:
  absl::Time used_at;

  bool IsPaused(absl::Time now) const { return now < paused_until_; }
  absl::Time paused_until() const { return paused_until_; }

  // Returns true if the tenant enumerates, and pauses it.
  bool AddNumber(uint64_t number, const EnumerationGuardOptions& options,
                 absl::Time now) {
    Hundred& hundred = hundreds_.Of(number / 100, now);
    TenThousand& ten_thousand = ten_thousands_.Of(number / 10'000, now);
    // A repeated number, as after a failure, adds no information.
    if (hundred.asked[number % 100]) return false;
    hundred.asked.set(number % 100);
    ++ten_thousand.asked;
    crowded_.Add(hundred.asked.count() >= options.neighbours ||
                 ten_thousand.asked >= options.density);
    if (crowded_.of_kind() < kLeastCrowded ||
        !crowded_.Reaches(options.crowded_share)) {
      return false;
    }
    Pause(options.pause, now);
    return true;
  }

  bool AddAnswer(bool registered, const EnumerationGuardOptions& options,
                 absl::Time now) {
    unregistered_.Add(!registered);
    if (unregistered_.all() < kLeastAnswers || IsPaused(now) ||
        !unregistered_.Reaches(options.unregistered_share)) {
      return false;
    }
    Pause(options.pause, now);
    return true;
  }

 private:
  // Resets the counts, so that the same numbers do not cause a second pause.
  void Pause(absl::Duration first_pause, absl::Time now) {
    const bool again = now - paused_until_ < kWindow;
    pause_ = again ? std::min(2 * pause_, kLongestPause) : first_pause;
    paused_until_ = now + pause_;
    crowded_ = RecentShare();
    unregistered_ = RecentShare();
  }

  RecentBlocks<Hundred> hundreds_;
  RecentBlocks<TenThousand> ten_thousands_;
  RecentShare crowded_;
  RecentShare unregistered_;
  absl::Duration pause_;
  absl::Time paused_until_ = absl::InfinitePast();
};

EnumerationGuard::EnumerationGuard(EnumerationGuardOptions options,
                                   std::function<void(Sign)> on_pause)
    : options_(std::move(options)), on_pause_(std::move(on_pause)) {}

EnumerationGuard::~EnumerationGuard() = default;

EnumerationGuard::Watch& EnumerationGuard::WatchOfLocked(
    const std::string& tenant, absl::Time now) {
  const auto found = watches_.find(tenant);
  if (found == watches_.end() && watches_.size() >= kMaxGuardedTenants) {
    // Paused tenants are dropped last, because dropping one ends its pause.
    watches_.erase(std::min_element(
        watches_.begin(), watches_.end(), [now](const auto& a, const auto& b) {
          return std::make_pair(a.second->IsPaused(now), a.second->used_at) <
                 std::make_pair(b.second->IsPaused(now), b.second->used_at);
        }));
  }
  std::unique_ptr<Watch>& watch = watches_[tenant];
  if (watch == nullptr) watch = std::make_unique<Watch>();
  watch->used_at = now;
  return *watch;
}

EnumerationGuard::Verdict EnumerationGuard::Admit(
    const std::string& tenant, absl::Span<const uint64_t> numbers) {
  const absl::Time now = options_.clock();
  Verdict verdict;
  bool has_paused = false;
  {
    absl::MutexLock lock(&mu_);
    Watch& watch = WatchOfLocked(tenant, now);
    while (verdict.admitted < numbers.size() && !watch.IsPaused(now)) {
      has_paused = watch.AddNumber(numbers[verdict.admitted], options_, now);
      if (!has_paused) ++verdict.admitted;
    }
    verdict.retry_after = watch.paused_until() - now;
  }
  if (has_paused) {
    LogWarning(
        "access: tenant {} asks for numbers close together, as when a range is "
        "walked, the last {}: no new numbers for {}",
        tenant, Masked(absl::StrCat("+", numbers[verdict.admitted])),
        absl::FormatDuration(verdict.retry_after));
    on_pause_(Sign::kCrowded);
  }
  return verdict;
}

void EnumerationGuard::OnAnswer(const std::string& tenant, bool registered) {
  const absl::Time now = options_.clock();
  absl::Duration pause;
  {
    absl::MutexLock lock(&mu_);
    Watch& watch = WatchOfLocked(tenant, now);
    if (!watch.AddAnswer(registered, options_, now)) return;
    pause = watch.paused_until() - now;
  }
  LogWarning(
      "access: hardly any number that tenant {} asks for is on WhatsApp: no "
      "new numbers for {}",
      tenant, absl::FormatDuration(pause));
  on_pause_(Sign::kUnregistered);
}

}  // namespace portrait
