// The rights of a token.
#ifndef PORTRAIT_CORE_ACCESS_RIGHTS_H_
#define PORTRAIT_CORE_ACCESS_RIGHTS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

// A set of rights. A value type.
class Rights {
 public:
  Rights() = default;
  // Ignores rights that this version does not know.
  explicit Rights(const google::protobuf::RepeatedField<int>& rights);
  // The rights of a token that was stored without rights: for ROLE_LOOKUP, all
  // of ProfilePictureService, as in versions before rights.
  static Rights OfRole(v1::Role role);

  void Add(v1::Right right) { bits_ |= BitOf(right); }
  // RIGHT_ADMIN includes every right, and RIGHT_WATCH_ALL includes RIGHT_WATCH.
  // Every token has RIGHT_UNSPECIFIED, which allows nothing.
  bool Has(v1::Right right) const;
  bool empty() const { return bits_ == 0; }

  // The rights, ordered by their numbers.
  google::protobuf::RepeatedField<int> ToProto() const;
  // The names of the rights: "lookup watch-all".
  std::string ToString() const;

 private:
  static uint32_t BitOf(v1::Right right) { return uint32_t{1} << right; }

  uint32_t bits_ = 0;
};

// RIGHT_WATCH_ALL → "watch-all".
std::string RightName(v1::Right right);

absl::Status MissingRightError(absl::string_view token_id, v1::Right right);

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_RIGHTS_H_
