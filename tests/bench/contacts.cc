#include "tests/bench/contacts.h"

#include "absl/strings/str_cat.h"

namespace portrait::bench {
namespace {

constexpr uint64_t kFirstNumber = 4915100000000;
// Coprime with kMaxContacts, so that each index has its own number.
constexpr uint64_t kStride = 61803399;
constexpr absl::Duration kUrlLifetime = absl::Hours(24 * 365);

}  // namespace

std::string Digits(uint64_t index) {
  return absl::StrCat(kFirstNumber + index * kStride % kMaxContacts);
}

Observation MakeObservation(uint64_t index, absl::Time at) {
  const std::string digits = Digits(index);
  const std::string path = absl::StrCat(
      "/v/t61.24694-24/", 400000000 + index, "_", digits, "_n.jpg?oh=01_",
      absl::Hex(index * kStride, absl::kZeroPad16), "&oe=6A2F33C1");
  Observation seen;
  seen.jid = absl::StrCat(digits, "@s.whatsapp.net");
  seen.phone_number = absl::StrCat("+", digits);
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.state = v1::PICTURE_STATE_AVAILABLE;
  seen.picture_id = absl::StrCat(1700000000 + index);
  seen.full_url = PictureUrl{absl::StrCat("https://pps.whatsapp.net", path),
                             at + kUrlLifetime};
  seen.direct_path = path;
  seen.type = "image";
  seen.is_business = false;
  seen.observed_at = at;
  seen.session = "bench";
  return seen;
}

}  // namespace portrait::bench
