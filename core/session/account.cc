#include "core/session/account.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/unknown_field_set.h"
#include "portrait/store/v1/account.pb.h"

namespace portrait {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// Includes the fields of nested messages, which are kept as bytes.
void Wipe(UnknownFieldSet* fields) {
  for (int i = 0; i < fields->field_count(); ++i) {
    UnknownField* const field = fields->mutable_field(i);
    if (field->type() == UnknownField::TYPE_LENGTH_DELIMITED) {
      portrait::Wipe(*field->mutable_length_delimited());
    }
  }
}

// `Record` is a message that has the fields of Account.
template <typename Record>
void TakeFields(const Record& record, Account* account) {
  account->proxy = record.proxy();
  account->paused = record.paused();
  account->banned_until =
      absl::FromUnixSeconds(record.banned_until_unix_seconds());
  account->ban_reason = record.ban_reason();
}

absl::StatusOr<ParsedAccount> ParseVersion1(absl::string_view bytes) {
  store::v1::AccountOfVersion1 stored;
  // The keys of the device are unknown fields here.
  const absl::Cleanup wipe = [&stored] {
    Wipe(stored.GetReflection()->MutableUnknownFields(&stored));
  };
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("the stored record is not an account");
  }
  ParsedAccount parsed = {.account = {}, .version = 1};
  TakeFields(stored, &parsed.account);
  absl::StatusOr<whatsapp::Device> device = whatsapp::ParseDevice(bytes);
  if (!device.ok()) return device.status();
  parsed.account.device = *std::move(device);
  return parsed;
}

absl::StatusOr<ParsedAccount> ParseRecord(absl::string_view bytes) {
  store::v1::StoredAccount stored;
  const absl::Cleanup wipe = [&stored] {
    portrait::Wipe(*stored.mutable_device());
    Wipe(stored.GetReflection()->MutableUnknownFields(&stored));
  };
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("the stored record is not an account");
  }
  if (stored.version() == 0) return ParseVersion1(bytes);
  if (stored.version() != kAccountVersion) {
    return absl::DataLossError(absl::StrCat(
        "the stored account has version ", stored.version(),
        ", written by a newer portraitd; this one reads up to version ",
        kAccountVersion));
  }
  ParsedAccount parsed;
  TakeFields(stored, &parsed.account);
  absl::StatusOr<whatsapp::Device> device =
      whatsapp::ParseDevice(stored.device());
  if (!device.ok()) return device.status();
  parsed.account.device = *std::move(device);
  parsed.account.ban_length = absl::Seconds(stored.ban_seconds());
  return parsed;
}

}  // namespace

absl::Duration BanLeft(const Account& account, absl::Time now) {
  const absl::Duration left = account.banned_until - now;
  return account.ban_length > absl::ZeroDuration()
             ? std::min(left, account.ban_length)
             : left;
}

Secret SerializeAccount(const Account& account) {
  store::v1::StoredAccount stored;
  const absl::Cleanup wipe = [&stored] {
    portrait::Wipe(*stored.mutable_device());
  };
  stored.set_version(kAccountVersion);
  stored.set_device(whatsapp::SerializeDevice(account.device));
  stored.set_proxy(account.proxy);
  stored.set_paused(account.paused);
  stored.set_banned_until_unix_seconds(
      absl::ToUnixSeconds(account.banned_until));
  stored.set_ban_reason(account.ban_reason);
  stored.set_ban_seconds(absl::ToInt64Seconds(account.ban_length));
  return Secret(stored.SerializeAsString());
}

absl::StatusOr<ParsedAccount> ParseAccount(std::string name,
                                           absl::string_view bytes) {
  absl::StatusOr<ParsedAccount> parsed = ParseRecord(bytes);
  if (!parsed.ok()) {
    return absl::DataLossError(
        absl::StrCat("session ", name, ": ", parsed.status().message()));
  }
  parsed->account.name = std::move(name);
  return parsed;
}

}  // namespace portrait
