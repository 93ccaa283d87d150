#include "core/store/jid_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace portrait {
namespace {

constexpr absl::string_view kLidSuffix = "@lid";
constexpr absl::string_view kPhoneNumberSuffix = "@s.whatsapp.net";

}  // namespace

bool IsLid(absl::string_view jid) { return absl::EndsWith(jid, kLidSuffix); }

bool IsPhoneNumberJid(absl::string_view jid) {
  return absl::EndsWith(jid, kPhoneNumberSuffix);
}

std::string PhoneNumberJid(absl::string_view phone_number) {
  return absl::StrCat(absl::StripPrefix(phone_number, "+"), kPhoneNumberSuffix);
}

std::string PhoneNumberOf(absl::string_view jid) {
  if (!absl::ConsumeSuffix(&jid, kPhoneNumberSuffix) || jid.empty() ||
      !std::all_of(jid.begin(), jid.end(), absl::ascii_isdigit)) {
    return "";
  }
  return absl::StrCat("+", jid);
}

absl::Status CheckJid(absl::string_view jid) {
  if (jid.empty()) return absl::InvalidArgumentError("store: an empty JID");
  if (jid.size() > kMaxJidBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("store: a JID of ", jid.size(), " bytes; at most ",
                     kMaxJidBytes, " are taken"));
  }
  if (!std::all_of(jid.begin(), jid.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(
        "store: a JID with other than printable ASCII in it");
  }
  return absl::OkStatus();
}

}  // namespace portrait
