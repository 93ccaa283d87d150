// What accounts tell of what they ask WhatsApp: for metrics.
#ifndef PORTRAIT_CORE_SESSION_QUERY_OBSERVER_H_
#define PORTRAIT_CORE_SESSION_QUERY_OBSERVER_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace portrait {

enum class QueryKind { kUsync, kPicture, kGroupPictures, kChannel };
inline constexpr size_t kQueryKinds = 4;

// Thread-safe.
class QueryObserver {
 public:
  virtual ~QueryObserver() = default;
  // A query ended: answered, `took` after it was sent, or not. `status` is
  // RESOURCE_EXHAUSTED when WhatsApp said to slow down, for all of it or for a
  // part; INVALID_ARGUMENT when its answer could not be read.
  virtual void OnQuery(QueryKind kind, size_t contacts,
                       const absl::Status& status, absl::Duration took) = 0;
  // What came over the connection was not WhatsApp's protocol.
  virtual void OnProtocolError() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_QUERY_OBSERVER_H_
