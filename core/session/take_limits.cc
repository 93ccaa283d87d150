#include "core/session/take_limits.h"

#include <algorithm>

#include "core/session/query_plan.h"
#include "core/session/usync_queue.h"

namespace portrait {
namespace {

// When the next usync query is sent: before all pictures of the previous one
// have been queried, so that the window of queries stays full, but not much
// earlier, because other sessions could ask about the contacts that wait here.
// It is sent when fewer pictures remain than fill the window this many times …
constexpr double kWindowsAhead = 4;
// … or fewer than a slow account queries in this time.
constexpr absl::Duration kTimeAhead = absl::Seconds(2);

// The share of contacts that need a picture query, until it has been measured.
constexpr double kUsualPicturesPerContact = 0.7;
// The weight of a full batch in the running mean of pictures per contact.
constexpr double kMeanWeight = 0.3;

constexpr size_t kBatch = UsyncQueue::kContactsPerToken;

}  // namespace

TakeLimits::TakeLimits(const SessionOptions& options, QueryLimits& limits)
    : options_(options),
      limits_(limits),
      pictures_per_contact_(kUsualPicturesPerContact) {}

void TakeLimits::Add(const std::vector<ContactTask>& tasks) {
  in_hand_ += tasks.size();
  bulk_in_hand_ += CountBulk(tasks);
}

void TakeLimits::Remove(const ContactTask& task) {
  --in_hand_;
  if (!task.urgent) --bulk_in_hand_;
}

void TakeLimits::AddAsked(const std::vector<ContactTask>& tasks) {
  asked_ += tasks.size();
  bulk_asked_ += CountBulk(tasks);
}

void TakeLimits::RemoveAsked(const std::vector<ContactTask>& tasks) {
  asked_ -= tasks.size();
  bulk_asked_ -= CountBulk(tasks);
}

void TakeLimits::Learn(size_t need_picture, size_t asked) {
  const double weight = kMeanWeight * static_cast<double>(asked) /
                        static_cast<double>(std::max(kBatch, asked));
  const double ratio =
      static_cast<double>(need_picture) / static_cast<double>(asked);
  pictures_per_contact_ += weight * (ratio - pictures_per_contact_);
}

double TakeLimits::EnoughPictures() {
  const double ahead =
      kWindowsAhead * static_cast<double>(options_.max_queries_in_flight);
  const double per_second = limits_.pictures.per_second();
  if (per_second == 0) return ahead;
  double seconds = absl::ToDoubleSeconds(kTimeAhead);
  if (limits_.usync.per_second() > 0) seconds += 1 / limits_.usync.per_second();
  return std::clamp(per_second * seconds, 1.0, ahead);
}

bool TakeLimits::WantsBulk(size_t waiting) {
  const double expected =
      static_cast<double>(waiting) +
      static_cast<double>(bulk_asked_) * pictures_per_contact_;
  return bulk_in_hand_ + std::min(kBatch, options_.usync_batch) <=
             options_.max_contacts_in_hand &&
         expected < EnoughPictures();
}

bool TakeLimits::WantsUrgent() const {
  return in_hand_ - bulk_in_hand_ < options_.max_contacts_in_hand;
}

// The limit applies to urgent and bulk contacts separately; this is their sum.
bool TakeLimits::IsFull() const {
  return in_hand_ >= 2 * options_.max_contacts_in_hand;
}

// The contacts that usync queries may ask about per second; 0: no limit.
double TakeLimits::ContactsPerSecond() {
  return limits_.usync.per_second() *
         static_cast<double>(std::min(options_.usync_batch, kBatch));
}

// The contacts whose pictures may be queried per second; 0: no limit.
double TakeLimits::PicturesPerSecond() {
  return limits_.pictures.per_second() /
         (options_.lean_picture_queries ? 1.0 : double{kPicturePair});
}

double TakeLimits::PictureShare() {
  const double pictures = PicturesPerSecond();
  if (pictures == 0) return 1;
  const double contacts = ContactsPerSecond();
  return contacts == 0 ? 0 : pictures / contacts;
}

double TakeLimits::LookupsPerSecond() {
  const double contacts = ContactsPerSecond();
  const double pictures = PicturesPerSecond();
  if (contacts == 0) return pictures;
  return pictures == 0 ? contacts : std::min(contacts, pictures);
}

}  // namespace portrait
