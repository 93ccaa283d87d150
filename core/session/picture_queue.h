// PictureQueue holds the contacts of one session that wait for a picture query.
// Their tenants take turns, as in the scheduler: otherwise, all contacts that
// the session has taken would wait behind every urgent call of another tenant.
#ifndef PORTRAIT_CORE_SESSION_PICTURE_QUEUE_H_
#define PORTRAIT_CORE_SESSION_PICTURE_QUEUE_H_

#include <cstddef>
#include <deque>
#include <list>
#include <string>

#include "core/session/query_plan.h"

namespace portrait {

// Thread-compatible.
class PictureQueue {
 public:
  // The plan must have at least one query. `is_half_done`: one of two pictures
  // is known, which is useless without the other.
  void Add(PlannedContact contact, bool is_half_done);

  // Takes the next contact of the next tenant: half-done ones first, then
  // urgent, then bulk, oldest first. Call it only if the queue is not empty.
  PlannedContact Take();
  std::deque<PlannedContact> TakeAll();

  bool empty() const { return shares_.empty(); }
  // The number of contacts that are not urgent.
  size_t bulk() const { return bulk_; }

 private:
  struct Share {
    std::string tenant;
    std::deque<PlannedContact> first;  // half done, then urgent
    std::deque<PlannedContact> rest;
  };

  std::list<Share> shares_;  // all have contacts; the front has the next turn
  size_t bulk_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_PICTURE_QUEUE_H_
