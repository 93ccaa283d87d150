// Reports accounts' queries to WhatsApp, for metrics.
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
  // A query ended, with or without an answer, `took` after it was sent.
  // `status` is RESOURCE_EXHAUSTED if WhatsApp applied a rate limit to all or a
  // part of it; INVALID_ARGUMENT if the answer could not be parsed.
  virtual void OnQuery(QueryKind kind, size_t contacts,
                       const absl::Status& status, absl::Duration took) = 0;
  // The server sent data that is not valid in WhatsApp's protocol.
  virtual void OnProtocolError() = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_QUERY_OBSERVER_H_
