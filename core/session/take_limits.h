// TakeLimits counts the contacts that a session has taken, and decides how many
// more it takes: enough to keep its queries going, but not contacts that other
// sessions could ask about earlier.
#ifndef PORTRAIT_CORE_SESSION_TAKE_LIMITS_H_
#define PORTRAIT_CORE_SESSION_TAKE_LIMITS_H_

#include <cstddef>
#include <vector>

#include "core/session/account_memory.h"
#include "core/session/session_pool.h"
#include "core/work/work_source.h"

namespace portrait {

// WhatsApp Web sends two picture queries for each contact.
inline constexpr size_t kPicturePair = 2;

// Thread-compatible. Both borrowed objects must outlive it.
class TakeLimits {
 public:
  TakeLimits(const SessionOptions& options, QueryLimits& limits);

  // Contacts that the session takes and hands back.
  void Add(const std::vector<ContactTask>& tasks);
  void Remove(const ContactTask& task);
  // A usync query about `tasks` was sent; its answer or error came.
  void AddAsked(const std::vector<ContactTask>& tasks);
  void RemoveAsked(const std::vector<ContactTask>& tasks);
  // `need_picture` of `asked` contacts in a usync answer need a picture query.
  void Learn(size_t need_picture, size_t asked);

  // Bulk is taken in full batches only, because a query about few contacts
  // costs as much as one about many. Urgent contacts do not count: however many
  // one tenant sends, the bulk of others still gets its turns. `waiting` bulk
  // contacts wait for a picture query.
  bool WantsBulk(size_t waiting);
  bool WantsUrgent() const;
  bool IsFull() const;
  // Whether no usync query is in flight.
  bool IsQuiet() const { return asked_ == 0; }
  size_t in_hand() const { return in_hand_; }

  // The largest share of contacts that need a picture query at which usync
  // queries, not picture queries, set the pace.
  double PictureShare();
  // The lookups that the rate limits allow per second; 0: no limit.
  double LookupsPerSecond();

 private:
  double EnoughPictures();
  double ContactsPerSecond();
  double PicturesPerSecond();

  const SessionOptions& options_;
  QueryLimits& limits_;
  size_t in_hand_ = 0;           // contacts taken and not yet handed back
  size_t bulk_in_hand_ = 0;      // the part that is not urgent
  size_t asked_ = 0;             // contacts in usync queries in flight
  size_t bulk_asked_ = 0;        // the part that is not urgent
  double pictures_per_contact_;  // a running mean
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_TAKE_LIMITS_H_
