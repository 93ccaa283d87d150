#include "core/session/number_spelling.h"

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
  task.jid = kLikely;
  task.other_spelling = kOther;
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

TEST(NumberSpellingTest,
     BothAreAskedAboutOnlyWhereSomebodyWaitsAndNoneIsKnown) {
  ContactTask task = Task();
  EXPECT_FALSE(AsksBothSpellings(task));
  task.urgent = true;
  EXPECT_TRUE(AsksBothSpellings(task));
  task.spelling_is_known = true;
  EXPECT_FALSE(AsksBothSpellings(task));
  task = Task();
  task.urgent = true;
  task.other_spelling = Jid();
  EXPECT_FALSE(AsksBothSpellings(task));
}

TEST(NumberSpellingTest, TheLikelierOneSettlesItWhereItIsRegistered) {
  ContactTask task = Task();
  EXPECT_EQ(PickSpelling({{kLikely, &kIn}}, &task), &kIn);
  EXPECT_EQ(task.jid, kLikely);
}

TEST(NumberSpellingTest, TheOtherIsAskedAboutNextWhereItIsNot) {
  ContactTask task = Task();
  ASSERT_EQ(PickSpelling({{kLikely, &kOut}}, &task), nullptr);
  EXPECT_EQ(task.jid, kOther);
  // It is registered …
  ContactTask found = task;
  EXPECT_EQ(PickSpelling({{kOther, &kIn}}, &found), &kIn);
  EXPECT_EQ(found.jid, kOther);
  // … or both are nobody's, which is said of the likelier.
  EXPECT_EQ(PickSpelling({{kOther, &kOut}}, &task), &kOut);
  EXPECT_EQ(task.jid, kLikely);
}

TEST(NumberSpellingTest, OfBothInOneAnswerTheOneThatExistsWins) {
  const struct {
    const UsyncUser *likely, *other;
    Jid jid;
    const UsyncUser* picked;
  } kCases[] = {
      {&kIn, &kOut, kLikely, &kIn},
      {&kOut, &kIn, kOther, &kIn},
      {&kIn, &kIn, kLikely, &kIn},
      {&kOut, &kOut, kLikely, &kOut},
      // What is not known is not nobody's.
      {&kOut, &kFailed, kOther, &kFailed},
      {&kFailed, &kIn, kOther, &kIn},
  };
  for (const auto& c : kCases) {
    ContactTask task = Task();
    EXPECT_EQ(PickSpelling({{kLikely, c.likely}, {kOther, c.other}}, &task),
              c.picked);
    EXPECT_EQ(task.jid, c.jid);
  }
}

TEST(NumberSpellingTest, NothingIsConcludedFromWhatIsNotTold) {
  ContactTask failed = Task(), left_out = Task();
  EXPECT_EQ(PickSpelling({{kLikely, &kFailed}}, &failed), &kFailed);
  const UsyncUser* const nothing = PickSpelling({}, &left_out);
  ASSERT_NE(nothing, nullptr);
  EXPECT_FALSE(nothing->registered.value.has_value());
}

}  // namespace
}  // namespace portrait
