// AskedContacts finds the contact of a notification that names it by a short
// hash only.
#ifndef PORTRAIT_CORE_SESSION_ASKED_CONTACTS_H_
#define PORTRAIT_CORE_SESSION_ASKED_CONTACTS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/contact_notice.h"
#include "core/whatsapp/jid.h"

namespace portrait {

// The contacts that a session has recently asked about; WhatsApp sends
// notifications about them. Keeps at least the last kMost contacts and at most
// twice as many, in about 2 MiB. Thread-compatible.
class AskedContacts {
 public:
  static constexpr size_t kMost = 25'000;

  // Adds a PN or LID; other JIDs have no hash.
  void Add(const whatsapp::Jid& contact) {
    Entry entry{0, contact.IsLid()};
    if (!contact.IsPhoneNumber() && !contact.IsLid()) return;
    if (!absl::SimpleAtoi(contact.user, &entry.user)) return;
    if (lately_.size() >= kMost) {
      before_ = std::exchange(lately_, {});
    }
    lately_[whatsapp::ContactHash(contact.user)] = entry;
  }

  // Returns an empty user if no contact matches. Hashes collide, so the match
  // may be another contact: ask WhatsApp about it again before you answer.
  whatsapp::Jid Find(uint32_t contact_hash) const {
    for (const Entries* entries : {&lately_, &before_}) {
      const auto found = entries->find(contact_hash);
      if (found == entries->end()) continue;
      return {absl::StrCat(found->second.user), found->second.is_lid
                                                    ? whatsapp::kLidServer
                                                    : whatsapp::kUserServer};
    }
    return {};
  }

 private:
  struct Entry {
    uint64_t user = 0;
    bool is_lid = false;
  };
  using Entries = absl::flat_hash_map<uint32_t, Entry>;

  Entries lately_, before_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_SESSION_ASKED_CONTACTS_H_
