#include "core/session/address_choice.h"

#include <gtest/gtest.h>

namespace portrait {
namespace {

using whatsapp::Jid;
using whatsapp::PhoneNumberJid;
using whatsapp::UsyncUser;

const Jid kLikely = PhoneNumberJid("5215512345678");
const Jid kOther = PhoneNumberJid("525512345678");

ContactTask Task() {
  ContactTask task;
  task.contact.jid = kLikely;
  task.contact.other_jid = kOther;
  return task;
}

UsyncUser Registered(bool registered) {
  UsyncUser user;
  user.registered.value = registered;
  return user;
}

UsyncUser Failed() {
  UsyncUser user;
  user.registered.error = whatsapp::ProtocolError{403, "forbidden", {}};
  return user;
}

const UsyncUser kIn = Registered(true), kOut = Registered(false),
                kFailed = Failed();

TEST(AddressChoiceTest,
     AQueryHasBothAddressesOnlyIfACallerWaitsAndNeitherIsKnown) {
  ContactTask task = Task();
  EXPECT_FALSE(AsksBothAddresses(task));
  task.urgent = true;
  EXPECT_TRUE(AsksBothAddresses(task));
  task.stored_registration = v1::REGISTRATION_REGISTERED;
  EXPECT_FALSE(AsksBothAddresses(task));
  task = Task();
  task.urgent = true;
  task.contact.other_jid = Jid();
  EXPECT_FALSE(AsksBothAddresses(task));
}

TEST(AddressChoiceTest, TheLikelierAddressDecidesIfItIsRegistered) {
  ContactTask task = Task();
  EXPECT_EQ(ChooseAddress({{kLikely, &kIn}}, &task), &kIn);
  EXPECT_EQ(task.contact.jid, kLikely);
}

TEST(AddressChoiceTest, TheOtherAddressIsNextIfTheLikelierIsNotRegistered) {
  ContactTask task = Task();
  ASSERT_EQ(ChooseAddress({{kLikely, &kOut}}, &task), nullptr);
  EXPECT_EQ(task.contact.jid, kOther);
  // Either the other address is registered …
  ContactTask found = task;
  EXPECT_EQ(ChooseAddress({{kOther, &kIn}}, &found), &kIn);
  EXPECT_EQ(found.contact.jid, kOther);
  // … or neither is, and the answer is then about the likelier address.
  EXPECT_EQ(ChooseAddress({{kOther, &kOut}}, &task), &kOut);
  EXPECT_EQ(task.contact.jid, kLikely);
}

TEST(AddressChoiceTest, AnAnswerAboutBothAddressesUsesTheRegisteredAddress) {
  const struct {
    const UsyncUser *likely, *other;
    Jid jid;
    const UsyncUser* picked;
  } kCases[] = {
      {&kIn, &kOut, kLikely, &kIn},
      {&kOut, &kIn, kOther, &kIn},
      {&kIn, &kIn, kLikely, &kIn},
      {&kOut, &kOut, kLikely, &kOut},
      // A failed answer does not mean "not registered".
      {&kOut, &kFailed, kOther, &kFailed},
      {&kFailed, &kIn, kOther, &kIn},
      {&kFailed, &kOut, kLikely, &kFailed},
  };
  for (const auto& c : kCases) {
    ContactTask task = Task();
    EXPECT_EQ(ChooseAddress({{kLikely, c.likely}, {kOther, c.other}}, &task),
              c.picked);
    EXPECT_EQ(task.contact.jid, c.jid);
  }
}

TEST(AddressChoiceTest, AFailedAnswerDecidesNothing) {
  ContactTask failed = Task(), left_out = Task();
  EXPECT_EQ(ChooseAddress({{kLikely, &kFailed}}, &failed), &kFailed);
  const UsyncUser* const nothing = ChooseAddress({}, &left_out);
  ASSERT_NE(nothing, nullptr);
  EXPECT_FALSE(nothing->registered.value.has_value());
}

}  // namespace
}  // namespace portrait
