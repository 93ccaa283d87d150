// UsyncQueue gathers the contacts of one session into batches, each for one
// usync query.
#ifndef PORTRAIT_CORE_SESSION_USYNC_QUEUE_H_
#define PORTRAIT_CORE_SESSION_USYNC_QUEUE_H_

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/work/work_source.h"

namespace portrait {

// WhatsApp Web queries an imported list whole, or 500 contacts and then nothing
// for 20 s. A batch here has as many contacts if few of them need a picture
// query. Otherwise the picture queries limit the pace, a larger batch brings
// nothing, and another session could ask about the contacts; such a batch ends
// at kContactsPerToken.
//
// Thread-compatible.
class UsyncQueue {
 public:
  // Contacts in a query that costs one token of the account's rate limit. 125
  // in 5 s is the pace of 500 in 20 s.
  static constexpr size_t kContactsPerToken = 125;
  // A picture share at which no batch grows beyond kContactsPerToken.
  static constexpr double kNoGrowth = -1;

  // `max_contacts` is the limit of one query.
  UsyncQueue(size_t max_contacts, Clock steady);

  void Add(ContactTask task);
  // WhatsApp refused a query about these, because of one contact or of their
  // number: each half is a batch of its own.
  void AddRefused(std::vector<ContactTask> tasks);

  bool empty() const;
  // Whether a caller waits for one of the contacts alone.
  bool has_urgent() const;

  // The number of contacts that may join the larger batch. The batch grows
  // beyond kContactsPerToken if at most `picture_share` (0 to 1) of its
  // contacts need a picture query.
  size_t Room(double picture_share) const;

  // Removes and returns the next batch that is due; empty if there is none.
  // `urgent_only`: only a batch with an urgent contact. `is_quiet`: no usync
  // query is in flight, so that a single contact waits for no others.
  std::vector<ContactTask> Next(bool urgent_only, bool is_quiet);
  // The time until a batch is due; InfiniteDuration if there is none.
  absl::Duration UntilDue(bool is_quiet) const;
  std::vector<ContactTask> TakeAll();

  // The tokens that a query about `tasks` costs, at least 1.
  static double TokensFor(const std::vector<ContactTask>& tasks);

 private:
  struct Batch {
    std::vector<ContactTask> tasks;
    absl::Time since;
    size_t urgent = 0;
    size_t need_picture = 0;
  };

  size_t BatchSize() const;
  absl::Duration UntilDue(const Batch& batch, bool is_quiet) const;
  std::vector<ContactTask> TakeFrom(Batch& batch);

  const size_t max_contacts_;
  const Clock steady_;
  std::array<Batch, 2> gathering_;  // phone numbers, LIDs
  std::deque<std::vector<ContactTask>> halves_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_USYNC_QUEUE_H_
