#include "core/session/asked_contacts.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using whatsapp::ContactHash;
using whatsapp::Jid;
using whatsapp::PhoneNumberJid;

TEST(AskedContactsTest, FindsPnsAndLidsByTheirHash) {
  AskedContacts asked;
  const Jid pn = PhoneNumberJid("13105551234");
  const Jid lid = {"100875997589545", whatsapp::kLidServer};
  asked.Add(pn);
  asked.Add(lid);
  EXPECT_EQ(asked.Find(ContactHash(pn.user)), pn);
  EXPECT_EQ(asked.Find(ContactHash(lid.user)), lid);
  EXPECT_EQ(asked.Find(ContactHash("1")), Jid());
}

TEST(AskedContactsTest, OthersHaveNoHash) {
  AskedContacts asked;
  for (const Jid& other : {Jid{"120363041234567890", whatsapp::kGroupServer},
                           Jid{"", whatsapp::kUserServer},
                           Jid{"no number", whatsapp::kUserServer}}) {
    asked.Add(other);
    EXPECT_EQ(asked.Find(ContactHash(other.user)), Jid());
  }
}

TEST(AskedContactsTest, OnlyTheLastContactsAreRemembered) {
  AskedContacts asked;
  const auto number = [](size_t i) { return absl::StrCat(13105550000 + i); };
  for (size_t i = 0; i < 3 * AskedContacts::kMost; ++i) {
    asked.Add(PhoneNumberJid(number(i)));
  }
  EXPECT_EQ(asked.Find(ContactHash(number(0))), Jid());
  const std::string last = number(3 * AskedContacts::kMost - 1);
  EXPECT_EQ(asked.Find(ContactHash(last)), PhoneNumberJid(last));
}

}  // namespace
}  // namespace portrait
