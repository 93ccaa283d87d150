#include "client/batch_get.h"

#include <cstdint>
#include <utility>

#include "absl/time/clock.h"
#include "client/backoff.h"
#include "client/call_error.h"
#include "client/utf8.h"

namespace portrait::client {
namespace {

constexpr int kMaxAttempts = 4;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(200);
constexpr absl::Duration kLongestBackoff = absl::Seconds(2);
// If the server asks for a longer delay, the caller gets the error at once.
constexpr absl::Duration kLongestRetryAfter = absl::Seconds(5);

// Strings in proto3 must be UTF-8; any other string would break the whole call.
bool IsSendable(const v1::EnrichItem& item) {
  return IsValidUtf8(item.contact()) && IsValidUtf8(item.existing_id()) &&
         IsValidUtf8(item.country());
}

v1::EnrichResult UnsendableResult(uint64_t tag) {
  v1::EnrichResult result;
  result.set_tag(tag);
  result.mutable_error()->set_reason(v1::ERROR_REASON_INVALID_CONTACT);
  result.mutable_error()->set_message(
      "the contact, existing_id or country is not valid UTF-8");
  return result;
}

// How long to wait before the next attempt; infinite: there must be none.
absl::Duration WaitAfter(const grpc::Status& status, absl::Duration backoff) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
    return absl::InfiniteDuration();
  }
  const auto asked = LookupErrorOf(status).retry_after();
  const absl::Duration delay =
      absl::Seconds(asked.seconds()) + absl::Nanoseconds(asked.nanos());
  // The jitter comes on top: the server asked for at least this delay.
  return delay > kLongestRetryAfter ? absl::InfiniteDuration()
                                    : delay + backoff;
}

grpc::Status CallWithRetries(PortraitClient& client,
                             const v1::BatchGetProfilePicturesRequest& request,
                             absl::Time deadline,
                             v1::BatchGetProfilePicturesResponse* response) {
  Backoff backoff(kFirstBackoff, kLongestBackoff);
  for (int attempt = 1;; ++attempt) {
    response->Clear();
    const auto context = client.NewContext(deadline - absl::Now());
    grpc::Status status = client.pictures().BatchGetProfilePictures(
        context.get(), request, response);
    if (status.ok() || attempt == kMaxAttempts) return status;
    const absl::Duration wait = WaitAfter(status, backoff.Next());
    if (absl::Now() + wait >= deadline) return status;
    absl::SleepFor(wait);
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::EnrichResult>> BatchGet(
    PortraitClient& client, const std::vector<v1::EnrichItem>& items,
    const BatchOptions& options) {
  v1::BatchGetProfilePicturesRequest request;
  *request.mutable_options() = options.lookup;
  for (const v1::EnrichItem& item : items) {
    if (IsSendable(item)) *request.add_items() = item;
  }
  v1::BatchGetProfilePicturesResponse response;
  if (request.items_size() > 0) {
    const grpc::Status status = CallWithRetries(
        client, request, absl::Now() + options.timeout, &response);
    if (!status.ok()) return ToStatus(status);
  }
  if (response.results_size() != request.items_size()) {
    return absl::InternalError("the server's results do not match the items");
  }
  std::vector<v1::EnrichResult> results;
  results.reserve(items.size());
  int next = 0;
  for (const v1::EnrichItem& item : items) {
    results.push_back(IsSendable(item)
                          ? std::move(*response.mutable_results(next++))
                          : UnsendableResult(item.tag()));
  }
  return results;
}

}  // namespace portrait::client
