// LookupResults is a batch of results for one caller in wire format: the
// concatenated `results` of an EnrichProfilePicturesResponse. The facts that
// later stages count are kept beside each result, so that none of them has to
// parse it.
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

// The facts of one result that are counted.
struct ResultFacts {
  uint64_t tag = 0;  // the item's tag
  // Set if the item failed.
  v1::ErrorReason error = v1::ERROR_REASON_UNSPECIFIED;
  // The fields below are set only if the item did not fail.
  v1::Source source = v1::SOURCE_UNSPECIFIED;
  v1::Registration registration = v1::REGISTRATION_UNSPECIFIED;
  v1::PictureState state = v1::PICTURE_STATE_UNSPECIFIED;
  bool changed = false;  // this lookup found a change
  uint32_t end = 0;      // the result's end within the batch's bytes
  uint32_t picture = 0;  // size of its picture, which ends at `end`

  bool failed() const { return error != v1::ERROR_REASON_UNSPECIFIED; }
};

// A value type.
class LookupResults {
 public:
  // Reserves memory for that many results of typical size.
  void Reserve(size_t results);

  // Adds the known state of the contact, with the URLs in `wanted` and no
  // others. An expired URL is left out, even if it is in `wanted`.
  void AddPicture(uint64_t tag, const RecordView& record, const Wanted& wanted,
                  v1::Source source, absl::Time now, bool changed = false);
  // Adds a result of another batch that did not fail, with this encoded
  // ProfilePicture in place of its own.
  void AddEncoded(const ResultFacts& facts, absl::string_view picture);
  void AddError(uint64_t tag, const LookupFailure& failure,
                bool changed = false);
  void AddError(uint64_t tag, const v1::LookupError& error,
                bool changed = false);

  // Drops the results that failed for `reason` and returns their number.
  size_t Drop(v1::ErrorReason reason);

  bool empty() const { return facts_.empty(); }
  size_t size() const { return facts_.size(); }
  const std::vector<ResultFacts>& facts() const { return facts_; }
  // The encoded results from `first` up to, not including, `last`.
  absl::string_view Encoded(size_t first, size_t last) const {
    return absl::string_view(bytes_).substr(Begin(first),
                                            Begin(last) - Begin(first));
  }
  // The encoded ProfilePicture of a result that did not fail.
  absl::string_view EncodedPicture(size_t index) const {
    const ResultFacts& facts = facts_[index];
    return absl::string_view(bytes_).substr(facts.end - facts.picture,
                                            facts.picture);
  }
  // Moves all encoded results out; the object must not be used afterwards.
  std::string TakeEncoded() && { return std::move(bytes_); }
  // Parses one result, for tests and for errors of calls.
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
