// What callers ask of lookups, how they hear of results, and what is kept of a
// question while WhatsApp is asked.
#ifndef PORTRAIT_CORE_LOOKUP_LOOKUP_REQUEST_H_
#define PORTRAIT_CORE_LOOKUP_LOOKUP_REQUEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

class LookupResults;

struct LookupItem {
  uint64_t tag = 0;
  std::string contact;  // as the caller wrote it
  std::string existing_id;
  // ISO 3166, of numbers without a country code; empty: that of the request.
  std::string country = {};
};

// What is the same for all items of a call. Validated by the service.
struct LookupRequest {
  v1::PictureSize size = v1::PICTURE_SIZE_FULL;
  std::optional<absl::Duration> max_age;  // nothing: the defaults, by outcome
  std::string session;                    // empty: any
  std::string default_country;            // ISO 3166; empty: none
  std::string tenant;
  bool urgent = false;  // one caller waits: before bulk, and not for ever
  absl::Time deadline = absl::InfiniteFuture();
};

// Where a call's results go. OnResults is called from several threads at once,
// quickly and without blocking; once per item in all. When the last shared_ptr
// outside the engine goes, what only this sink waited for is dropped. The sink
// may then be destroyed on a thread of the engine, if that was calling it.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void OnResults(LookupResults results) = 0;
};

// The country that completes an item's number; empty: none.
inline absl::string_view CountryOf(const LookupItem& item,
                                   const LookupRequest& request) {
  return item.country.empty() ? request.default_country : item.country;
}

// One call of LookupEngine::Lookup, shared by what its items became.
struct LookupCall {
  std::shared_ptr<const LookupRequest> request;
  std::weak_ptr<ResultSink> sink;
  absl::Time deadline = absl::InfiniteFuture();  // of every item
  uint64_t forget_count = 0;        // of the store, when the call began
  std::shared_ptr<void> in_flight;  // goes when the last item is answered
};

// One item that waits for WhatsApp. A value type.
struct Waiter {
  std::shared_ptr<const LookupCall> call;
  uint64_t tag = 0;
  std::string existing_id = "";
  std::string phone_number = "";  // the caller's; empty: that of the record
  bool is_new = false;            // a phone number of which nothing was stored
  // WhatsApp's answer was not enough when it came (a stored URL had expired
  // meanwhile), so it was asked once more.
  bool asked_again = false;
  bool changed = false;  // one of the answers was a change

  bool gone() const { return call->sink.expired(); }
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_LOOKUP_REQUEST_H_
