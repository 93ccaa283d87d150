// LookupResults is a batch of results on its way to a caller, in the form in
// which it leaves: serialized, one behind the other, as the `results` of an
// EnrichProfilePicturesResponse. Beside each stands what is counted of it, so
// that no later stage has to parse a result.
#ifndef PORTRAIT_CORE_LOOKUP_LOOKUP_RESULTS_H_
#define PORTRAIT_CORE_LOOKUP_LOOKUP_RESULTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/lookup/freshness.h"
#include "core/store/record_view.h"
#include "core/work/work_source.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// What one result says.
struct ResultFacts {
  uint64_t tag = 0;                                      // the item's
  v1::ErrorReason error = v1::ERROR_REASON_UNSPECIFIED;  // of a failed one
  // Of one that did not fail:
  v1::Source source = v1::SOURCE_UNSPECIFIED;
  v1::Registration registration = v1::REGISTRATION_UNSPECIFIED;
  v1::PictureState state = v1::PICTURE_STATE_UNSPECIFIED;
  bool changed = false;  // this lookup found a change
  uint32_t end = 0;      // where it ends in the batch's bytes
  uint32_t picture = 0;  // how many of those, up to the end, are its picture

  bool failed() const { return error != v1::ERROR_REASON_UNSPECIFIED; }
};

// A value type.
class LookupResults {
 public:
  // Room for that many results of common size.
  void Reserve(size_t results);

  // What is known of the contact, with the URLs `wanted` and no others. A URL
  // that has expired is left out, even if it is in `wanted`.
  void AddPicture(uint64_t tag, const RecordView& record, const Wanted& wanted,
                  v1::Source source, absl::Time now, bool changed = false);
  void AddError(uint64_t tag, const LookupFailure& failure,
                bool changed = false);
  void AddError(uint64_t tag, const v1::LookupError& error,
                bool changed = false);

  // Drops the results that failed for `reason`; how many those were.
  size_t Drop(v1::ErrorReason reason);

  bool empty() const { return facts_.empty(); }
  size_t size() const { return facts_.size(); }
  const std::vector<ResultFacts>& facts() const { return facts_; }
  // Of the results from `first` on, up to and without `last`.
  absl::string_view Encoded(size_t first, size_t last) const {
    return absl::string_view(bytes_).substr(Begin(first),
                                            Begin(last) - Begin(first));
  }
  // The ProfilePicture of a result that did not fail.
  absl::string_view EncodedPicture(size_t index) const {
    const ResultFacts& facts = facts_[index];
    return absl::string_view(bytes_).substr(facts.end - facts.picture,
                                            facts.picture);
  }
  // All of them; what is left is good for nothing.
  std::string TakeEncoded() && { return std::move(bytes_); }
  // Taken apart after all: for tests, and for errors of calls.
  v1::EnrichResult Decode(size_t index) const;

 private:
  size_t Begin(size_t index) const {
    return index == 0 ? 0 : facts_[index - 1].end;
  }

  std::vector<ResultFacts> facts_;
  std::string bytes_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_LOOKUP_RESULTS_H_
