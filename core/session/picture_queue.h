// PictureQueue holds the contacts of one session that wait for a picture query.
// The tenants whose contacts they are take turns, as in the scheduler: what a
// session has in hand would otherwise wait for every urgent call of another
// tenant.
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
  // With at least one query in its plan. `is_half_done`: one of two pictures is
  // known, which is worth nothing without the other.
  void Add(PlannedContact contact, bool is_half_done);

  // The next tenant's next contact: half done, then urgent, then bulk, oldest
  // first. Not empty.
  PlannedContact Take();
  std::deque<PlannedContact> TakeAll();

  bool empty() const { return shares_.empty(); }
  // How many of them are not urgent.
  size_t bulk() const { return bulk_; }

 private:
  struct Share {
    std::string tenant;
    std::deque<PlannedContact> first;  // half done, then urgent
    std::deque<PlannedContact> rest;
  };

  std::list<Share> shares_;  // none empty; the front has the next turn
  size_t bulk_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_PICTURE_QUEUE_H_
