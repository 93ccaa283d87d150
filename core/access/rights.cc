#include "core/access/rights.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace portrait {

static_assert(v1::Right_MAX < 32, "a bit for each");

Rights::Rights(const google::protobuf::RepeatedField<int>& rights) {
  for (const int right : rights) {
    if (right != v1::RIGHT_UNSPECIFIED && v1::Right_IsValid(right)) {
      Add(static_cast<v1::Right>(right));
    }
  }
}

Rights Rights::OfRole(v1::Role role) {
  Rights rights;
  if (role == v1::ROLE_ADMIN) rights.Add(v1::RIGHT_ADMIN);
  if (role != v1::ROLE_LOOKUP) return rights;
  for (const v1::Right right :
       {v1::RIGHT_LOOKUP, v1::RIGHT_WATCH, v1::RIGHT_HISTORY,
        v1::RIGHT_WATCH_ALL, v1::RIGHT_FORGET, v1::RIGHT_OBJECT,
        v1::RIGHT_IMAGES, v1::RIGHT_PIN_SESSION}) {
    rights.Add(right);
  }
  return rights;
}

bool Rights::Has(v1::Right right) const {
  if (right == v1::RIGHT_UNSPECIFIED) return true;
  uint32_t any_of = BitOf(right) | BitOf(v1::RIGHT_ADMIN);
  if (right == v1::RIGHT_WATCH) any_of |= BitOf(v1::RIGHT_WATCH_ALL);
  return (bits_ & any_of) != 0;
}

google::protobuf::RepeatedField<int> Rights::ToProto() const {
  google::protobuf::RepeatedField<int> rights;
  for (int right = v1::RIGHT_UNSPECIFIED + 1; right <= v1::Right_MAX; ++right) {
    if ((bits_ & BitOf(static_cast<v1::Right>(right))) != 0) rights.Add(right);
  }
  return rights;
}

std::string Rights::ToString() const {
  std::string text;
  for (const int right : ToProto()) {
    absl::StrAppend(&text, text.empty() ? "" : " ",
                    RightName(static_cast<v1::Right>(right)));
  }
  return text;
}

std::string RightName(v1::Right right) {
  const std::string& name = v1::Right_Name(right);
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(absl::StripPrefix(name, "RIGHT_"), {{"_", "-"}}));
}

absl::Status MissingRightError(absl::string_view token_id, v1::Right right) {
  return absl::PermissionDeniedError(absl::StrCat(
      "token ", token_id, " does not have the right ", RightName(right)));
}

}  // namespace portrait
