// ContactDigest represents many contacts in one line of the audit log: their
// number and a digest of their ids that does not depend on their order. An
// operator who has a list can check whether it was the one in the request.
#ifndef PORTRAIT_CORE_ACCESS_CONTACT_DIGEST_H_
#define PORTRAIT_CORE_ACCESS_CONTACT_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace portrait {

// A value type. Ids come from AuditLog::ContactId; they are keyed hashes, so
// their sum is as hard to guess as the ids.
class ContactDigest {
 public:
  // An empty id, of an invalid contact, is only counted.
  void Add(absl::string_view contact_id) {
    ++count_;
    uint64_t high = 0, low = 0;
    if (!absl::SimpleHexAtoi(contact_id.substr(0, kHalf), &high)) return;
    if (!absl::SimpleHexAtoi(contact_id.substr(kHalf), &low)) return;
    high_ += high;
    low_ += low;
  }

  size_t count() const { return count_; }
  // 32 hexadecimal digits.
  std::string Hex() const {
    return absl::StrCat(absl::Hex(high_, absl::kZeroPad16),
                        absl::Hex(low_, absl::kZeroPad16));
  }

 private:
  static constexpr size_t kHalf = 16;  // hexadecimal digits

  size_t count_ = 0;
  uint64_t high_ = 0, low_ = 0;  // the sums of the ids' halves
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_CONTACT_DIGEST_H_
