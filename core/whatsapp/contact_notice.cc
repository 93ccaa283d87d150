#include "core/whatsapp/contact_notice.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/queries.h"

namespace portrait::whatsapp {
namespace {

constexpr size_t kHashBytes = 3;

uint32_t HashOf(absl::string_view bytes) {
  uint32_t hash = 0;
  for (const char byte : bytes.substr(0, kHashBytes)) {
    hash = hash << 8 | static_cast<uint8_t>(byte);
  }
  return hash;
}

bool IsContact(const Jid& jid) {
  return !jid.user.empty() && !jid.IsAnnouncements() &&
         (jid.IsPhoneNumber() || jid.IsLid() || jid.IsGroup());
}

// The account in that attribute; empty user: none.
Jid ContactIn(const Node& node, absl::string_view attribute) {
  const std::optional<Jid> jid = node.JidAttribute(attribute);
  if (!jid.has_value()) return Jid();
  Jid account = jid->WithoutDevice();
  return IsContact(account) ? account : Jid();
}

// The contact of `change`, a child of `notification`: its jid attribute; else
// its hash, which stands for a contact of an address book; else the
// notification's sender. Returns nothing if it has none of these.
std::optional<ContactNotice> NoticeOf(const Node& notification,
                                      const Node& change) {
  ContactNotice notice;
  const Jid from = ContactIn(notification, "from");
  notice.jid = ContactIn(change, "jid");
  if (!notice.jid.user.empty()) return notice;
  const std::optional<std::string> text = change.Attribute("hash");
  if (!text.has_value()) {
    notice.jid = from;
    if (from.user.empty()) return std::nullopt;
    return notice;
  }
  std::string hash;
  if (!absl::Base64Unescape(*text, &hash) || hash.size() != kHashBytes) {
    return std::nullopt;
  }
  notice.contact_hash = HashOf(hash);
  if (ContactHash(from.user) == notice.contact_hash) notice.jid = from;
  return notice;
}

using Notices = std::vector<ContactNotice>;

Notices ReadPicture(const Node& notification) {
  Notices notices;
  for (const Node& change : notification.children()) {
    const bool removed = change.tag == "delete";
    // Other children are requests and avatars.
    if (!removed && change.tag != "set") continue;
    std::optional<ContactNotice> notice = NoticeOf(notification, change);
    if (!notice.has_value()) continue;
    // WhatsApp Web also fetches the picture again after "set", whatever id the
    // notification names. If there is only a hash, it may be another contact's.
    notice->outdated = !removed || notice->jid.user.empty();
    const std::string id = removed ? "" : change.AttributeOr("id");
    const bool is_told = removed || !id.empty();
    if (is_told && !notice->jid.user.empty()) notice->picture_id = id;
    notices.push_back(*std::move(notice));
  }
  return notices;
}

// A person has changed their phone number.
void ReadNewNumber(const Node& modify, Notices* notices) {
  ContactNotice left, taken;
  left.jid = ContactIn(modify, "old");
  taken.jid = ContactIn(modify, "new");
  left.outdated = taken.outdated = true;
  if (left.jid.IsPhoneNumber() && left.jid != taken.jid) {
    left.lost_lid = true;
    notices->push_back(std::move(left));
  }
  if (!taken.jid.IsPhoneNumber()) return;
  const Jid lid = ContactIn(modify, "new_lid");
  if (lid.IsLid()) taken.lid = lid;
  notices->push_back(std::move(taken));
}

Notices ReadContacts(const Node& notification) {
  Notices notices;
  for (const Node& change : notification.children()) {
    if (change.tag == "modify") ReadNewNumber(change, &notices);
    if (change.tag != "update") continue;
    std::optional<ContactNotice> notice = NoticeOf(notification, change);
    if (!notice.has_value()) continue;
    notice->outdated = true;
    notices.push_back(*std::move(notice));
  }
  return notices;
}

Notices ReadBusiness(const Node& notification) {
  Notices notices;
  for (const Node& change : notification.children()) {
    const bool removed = change.tag == "remove";
    if (!removed && change.tag != "verified_name") continue;
    std::optional<ContactNotice> notice = NoticeOf(notification, change);
    if (!notice.has_value() || notice->jid.user.empty()) continue;
    std::optional<BusinessName> business;
    if (!removed) business = ReadVerifiedName(change);
    if (!removed && !business.has_value()) continue;
    notice->is_business = business.has_value();
    notice->name = business.value_or(BusinessName()).name;
    notices.push_back(*std::move(notice));
  }
  return notices;
}

// The device list is not used, but the notification also has the account's LID.
Notices ReadDevices(const Node& notification) {
  ContactNotice notice;
  notice.jid = ContactIn(notification, "from");
  notice.lid = ContactIn(notification, "lid");
  if (!notice.jid.IsPhoneNumber() || !notice.lid.IsLid()) return {};
  return {notice};
}

// A notification about our own account.
Notices ReadAccountSync(const Node& notification) {
  ContactNotice notice;
  notice.jid = ContactIn(notification, "from");
  notice.outdated = true;
  if (notice.jid.user.empty() || notification.FindChild("picture") == nullptr) {
    return {};
  }
  return {notice};
}

Notices ReadByType(const Node& notification) {
  const std::string type = notification.AttributeOr("type");
  if (type == "picture") return ReadPicture(notification);
  if (type == "contacts") return ReadContacts(notification);
  if (type == "business") return ReadBusiness(notification);
  if (type == "devices") return ReadDevices(notification);
  if (type == "account_sync") return ReadAccountSync(notification);
  return {};
}

}  // namespace

std::vector<ContactNotice> ParseContactNotices(const Node& notification) {
  if (notification.tag != "notification") return {};
  Notices notices = ReadByType(notification);
  // Live notifications arrive in order with the answers to our queries; queued
  // notifications may be older than our answers.
  const std::optional<uint64_t> t = notification.NumberAttribute("t");
  if (!notification.Attribute("offline").has_value() || !t) return notices;
  // `t` has whole seconds. The end of the second is used, because an answer
  // from the same second may be older than the change.
  const absl::Time told = absl::FromUnixSeconds(static_cast<int64_t>(*t)) +
                          absl::Seconds(1) - absl::Microseconds(1);
  for (ContactNotice& notice : notices) {
    notice.happened_at = told;
  }
  return notices;
}

uint32_t ContactHash(absl::string_view user) {
  return HashOf(Md5(absl::StrCat(user, "WA_ADD_NOTIF")));
}

}  // namespace portrait::whatsapp
