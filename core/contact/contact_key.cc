#include "core/contact/contact_key.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace portrait {
namespace {

constexpr absl::string_view kLidSuffix = "@lid";
constexpr absl::string_view kPhoneNumberSuffix = "@s.whatsapp.net";

}  // namespace

bool IsLidKey(absl::string_view key) { return absl::EndsWith(key, kLidSuffix); }

bool IsPhoneNumberKey(absl::string_view key) {
  return absl::EndsWith(key, kPhoneNumberSuffix);
}

std::string PhoneNumberKey(absl::string_view phone_number) {
  return absl::StrCat(absl::StripPrefix(phone_number, "+"), kPhoneNumberSuffix);
}

std::string PhoneNumberOf(absl::string_view key) {
  if (!absl::ConsumeSuffix(&key, kPhoneNumberSuffix) || key.empty() ||
      !std::all_of(key.begin(), key.end(), absl::ascii_isdigit)) {
    return "";
  }
  return absl::StrCat("+", key);
}

absl::Status CheckKey(absl::string_view key) {
  if (key.empty()) return absl::InvalidArgumentError("store: an empty JID");
  if (key.size() > kMaxKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("store: a JID of ", key.size(), " bytes; at most ",
                     kMaxKeyBytes, " are allowed"));
  }
  if (!std::all_of(key.begin(), key.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(
        "store: a JID contains characters other than printable ASCII");
  }
  return absl::OkStatus();
}

uint64_t PartitionKeyOf(absl::string_view canonical_key) {
  // FNV-1a with a final mix, so that all of its bits are usable. absl::Hash
  // does not fit, because its result differs from process to process.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : canonical_key) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93;
  return hash ^ hash >> 32;
}

}  // namespace portrait
