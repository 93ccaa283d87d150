// Types of a lookup: the request, the sink of its results, and the waiters that
// represent its items while WhatsApp is asked.
#ifndef PORTRAIT_CORE_LOOKUP_LOOKUP_REQUEST_H_
#define PORTRAIT_CORE_LOOKUP_LOOKUP_REQUEST_H_

#include <algorithm>
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
struct Contact;

struct LookupItem {
  uint64_t tag = 0;
  std::string contact;  // as the caller wrote it
  std::string existing_id;
  // ISO 3166 code for a number without a country code; empty: the request's
  // default.
  std::string country = {};
};

// The parameters that all items of a call share. Validated by the service.
struct LookupRequest {
  v1::PictureSize size = v1::PICTURE_SIZE_FULL;
  // nullopt: the defaults of FreshnessOptions.
  std::optional<absl::Duration> max_age;
  std::string session;          // empty: any session
  std::string default_country;  // ISO 3166; empty: none
  std::string tenant;
  uint32_t tenant_number = 0;  // what contacts are tied to; 0: no ties
  // Whether the caller may know the names and numbers of the linked accounts.
  bool tells_accounts = true;
  bool urgent = false;  // a unary call: goes before bulk and has a time limit
  absl::Time deadline = absl::InfiniteFuture();
};

// Receives a call's results. OnResults is called once for each item in all,
// from several threads at once; it must return quickly and not block. When the
// last shared_ptr outside the engine is released, tasks that only this sink
// waits for are dropped. If a thread of the engine is calling the sink then,
// that thread may destroy it.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  // Receives each valid contact of a request once, before its result. The
  // engine calls it in the tenant's turn, unless the contact is a plain one.
  virtual void OnContact(const Contact& /*contact*/) {}
  virtual void OnResults(LookupResults results) = 0;
};

// The country that completes an item's number; empty: none.
inline absl::string_view CountryOf(const LookupItem& item,
                                   const LookupRequest& request) {
  return item.country.empty() ? request.default_country : item.country;
}

// One call of LookupEngine::Lookup, shared by its items.
struct LookupCall {
  std::shared_ptr<const LookupRequest> request;
  std::weak_ptr<ResultSink> sink;
  absl::Time deadline = absl::InfiniteFuture();  // the deadline of every item
  uint64_t forget_count = 0;        // the store's count when the call began
  std::shared_ptr<void> in_flight;  // released when the last item is answered
};

// An item that waits for WhatsApp. A value type.
struct Waiter {
  std::shared_ptr<const LookupCall> call;
  uint64_t tag = 0;
  std::string existing_id = "";
  std::string phone_number = "";  // as the caller wrote it; empty: the record's
  bool is_new = false;            // a phone number that was not in the store
  // WhatsApp's answer was not enough when it came (for example, a stored URL
  // had expired meanwhile), so WhatsApp was asked again.
  bool asked_again = false;
  bool changed = false;  // an answer to this item was a change
  // The store's forget_count when WhatsApp was asked once more.
  uint64_t renewed_forget_count = 0;

  bool gone() const { return call->sink.expired(); }
  uint64_t forget_count() const {
    return std::max(call->forget_count, renewed_forget_count);
  }
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_LOOKUP_REQUEST_H_
