#include "tests/whatsapp_sim/directory/directory.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace portrait::sim {
namespace {

// The purpose of a random draw. The values are part of the directory's
// definition, so never renumber them.
enum Purpose : uint32_t {
  kRegistered = 1,
  kBusiness = 2,
  kNameFirst = 3,
  kNameSecond = 4,
  kPictureState = 5,
  kPictureId = 6,
  kGroup = 7,
  kSubject = 8,
};

// Picture ids look like the Unix times when the pictures were set.
constexpr uint64_t kFirstPictureId = 1'500'000'000;
constexpr uint64_t kPictureIds = 250'000'000;

constexpr std::array<absl::string_view, 12> kFirstWords = {
    "Alpine", "Blue",   "Cedar",  "Delta", "Harbour", "Lotus",
    "Maple",  "Nordic", "Orchid", "Pearl", "Summit",  "Willow"};
constexpr std::array<absl::string_view, 12> kSecondWords = {
    "Bakery",  "Café",   "Dental",    "Fitness",  "Florist", "Garage",
    "Jewelry", "Market", "Opticians", "Pharmacy", "Studio",  "Travel"};

uint64_t NumberOf(absl::string_view digits) {
  uint64_t value = 0;
  return absl::SimpleAtoi(digits, &value) ? value : 0;
}

}  // namespace

whatsapp::Jid Account::pn_jid() const {
  return whatsapp::PhoneNumberJid(absl::StrCat(number));
}

whatsapp::Jid Account::lid_jid() const {
  return whatsapp::Jid{absl::StrCat(lid), whatsapp::kLidServer};
}

Directory::Directory(uint64_t seed, DirectoryShares shares)
    : hash_(seed), lids_(seed), shares_(shares) {}

std::optional<uint64_t> Directory::ParseNumber(absl::string_view text) {
  absl::ConsumePrefix(&text, "+");
  if (!absl::ConsumeSuffix(&text, "@c.us")) {
    absl::ConsumeSuffix(&text, "@s.whatsapp.net");
  }
  constexpr size_t kMostDigits = 15;
  if (text.empty() || text.size() > kMostDigits || text.front() == '0' ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  const uint64_t number = NumberOf(text);
  if (number < kLowestNumber) return std::nullopt;
  return number;
}

uint64_t Directory::RegisteredSpelling(uint64_t typed) {
  const std::string digits = absl::StrCat(typed);
  const absl::string_view text = digits;
  if (digits.size() == 12 && absl::StartsWith(text, "52")) {
    return NumberOf(absl::StrCat("521", text.substr(2)));
  }
  if (digits.size() == 12 && absl::StartsWith(text, "54")) {
    return NumberOf(absl::StrCat("549", text.substr(2)));
  }
  // Area codes up to 28 have a ninth digit before their mobile numbers …
  if (digits.size() == 12 && absl::StartsWith(text, "55") &&
      text.substr(2, 2) <= "28" && text[4] >= '6') {
    return NumberOf(absl::StrCat(text.substr(0, 4), "9", text.substr(4)));
  }
  // … and those from 31 on keep the eight digits.
  if (digits.size() == 13 && absl::StartsWith(text, "55") &&
      text.substr(2, 2) >= "31" && text[4] == '9') {
    return NumberOf(absl::StrCat(text.substr(0, 4), text.substr(5)));
  }
  return typed;
}

Picture Directory::GeneratePicture(uint64_t subject) const {
  const double draw = hash_.FractionOf(kPictureState, subject);
  if (draw >= shares_.picture_visible + shares_.picture_hidden) return {};
  Picture picture;
  picture.id = absl::StrCat(kFirstPictureId +
                            hash_.Of(kPictureId, subject) % kPictureIds);
  picture.hidden = draw >= shares_.picture_visible;
  return picture;
}

std::string Directory::GenerateName(uint64_t subject) const {
  return absl::StrCat(
      kFirstWords[hash_.Of(kNameFirst, subject) % kFirstWords.size()], " ",
      kSecondWords[hash_.Of(kNameSecond, subject) % kSecondWords.size()]);
}

Account Directory::Generate(uint64_t number) const {
  Account account;
  account.number = number;
  account.lid = lids_.LidOf(number);
  account.registered =
      number == RegisteredSpelling(number) &&
      hash_.FractionOf(kRegistered, number) < shares_.registered;
  if (!account.registered) return account;
  account.is_business = hash_.FractionOf(kBusiness, number) < shares_.business;
  if (account.is_business) {
    account.verified_name = GenerateName(number);
  }
  account.picture = GeneratePicture(number);
  return account;
}

Account Directory::FindAccount(uint64_t number) const {
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto it = overrides_.find(number);
    if (it != overrides_.end()) return it->second;
  }
  return Generate(number);
}

std::optional<Account> Directory::FindByLid(uint64_t lid) const {
  if (lid < kLowestNumber || lid >= kNumbersEnd) return std::nullopt;
  uint64_t number = lids_.NumberOf(lid);
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto it = moved_lids_.find(lid);
    if (it != moved_lids_.end()) number = it->second;
  }
  Account account = FindAccount(number);
  // The LID now belongs to another number.
  if (account.lid != lid) return std::nullopt;
  return account;
}

std::optional<Account> Directory::FindByJid(const whatsapp::Jid& jid) const {
  const std::optional<uint64_t> digits = ParseNumber(jid.user);
  if (!digits.has_value()) return std::nullopt;
  if (jid.IsLid()) return FindByLid(*digits);
  if (jid.IsPhoneNumber() || jid.server == whatsapp::kLegacyUserServer) {
    return FindAccount(*digits);
  }
  return std::nullopt;
}

Picture Directory::FindGroupPicture(const whatsapp::Jid& group) const {
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto it = groups_.find(group.user);
    if (it != groups_.end()) return it->second;
  }
  return GeneratePicture(SubjectOf(group));
}

Channel Directory::FindChannel(const whatsapp::Jid& jid) const {
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto it = channels_.find(jid.user);
    if (it != channels_.end()) return it->second;
  }
  const uint64_t subject = SubjectOf(jid);
  Channel channel;
  channel.exists = hash_.FractionOf(kRegistered, subject) < shares_.registered;
  if (!channel.exists) return channel;
  channel.name = GenerateName(subject);
  channel.picture = GeneratePicture(subject);
  channel.picture.hidden = false;  // channels are public
  return channel;
}

uint64_t Directory::SubjectOf(uint64_t number) const {
  return hash_.Of(kSubject, number);
}

uint64_t Directory::SubjectOf(const whatsapp::Jid& group) const {
  return hash_.Of(kGroup, group.user);
}

absl::Status Directory::Override(Account account) {
  const uint64_t generated = lids_.LidOf(account.number);
  const uint64_t current = FindAccount(account.number).lid;
  if (account.lid == 0) account.lid = current;
  if (account.lid != current) {
    const std::optional<Account> owner = FindByLid(account.lid);
    if (owner.has_value() && owner->registered) {
      return absl::AlreadyExistsError("that LID is another account's");
    }
  }
  absl::MutexLock lock(&mu_);
  moved_lids_.erase(current);
  if (account.lid != generated) moved_lids_[account.lid] = account.number;
  const uint64_t number = account.number;
  overrides_.insert_or_assign(number, std::move(account));
  return absl::OkStatus();
}

void Directory::OverrideGroup(const whatsapp::Jid& group, Picture picture) {
  absl::MutexLock lock(&mu_);
  groups_.insert_or_assign(group.user, std::move(picture));
}

void Directory::OverrideChannel(const whatsapp::Jid& jid, Channel channel) {
  absl::MutexLock lock(&mu_);
  channels_.insert_or_assign(jid.user, std::move(channel));
}

}  // namespace portrait::sim
