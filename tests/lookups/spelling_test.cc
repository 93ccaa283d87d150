// Tests numbers that WhatsApp knows under another spelling: both spellings find
// them, with one query.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/lookups/lookup_world.h"

namespace portrait {
namespace {

using ::testing::IsEmpty;

std::string JidOf(const std::string& number) {
  return absl::StrCat(number.substr(1), "@s.whatsapp.net");
}

// Runs with a WhatsApp that finds a number under its other spelling, and with
// one that does not.
class SpellingTest : public LookupWorld,
                     public ::testing::WithParamInterface<bool> {
 protected:
  SpellingTest() { network_.habits.resolves_spellings = GetParam(); }

  struct Number {
    std::string registered, other;  // with their plus signs
  };
  // Finds the first number from `first` on for which `wanted` is true. Its
  // other spelling lacks `size` characters at `at`, or has `more` inserted
  // there.
  Number FindNumber(uint64_t first, size_t at, const std::string& more,
                    const std::function<bool(const sim::v1::Account&)>& wanted =
                        HasVisiblePicture) {
    Number number;
    number.registered = Find(wanted, first).phone_number();
    number.other =
        absl::StrCat(number.registered.substr(0, at), more,
                     number.registered.substr(more.empty() ? at + 1 : at));
    return number;
  }
  Number Mexican() { return FindNumber(5215512340000, 3, ""); }
  std::vector<Number> Numbers() {
    return {FindNumber(553187650000, 5, "9"),  // Belo Horizonte
            FindNumber(5511987650000, 5, ""),  // São Paulo
            FindNumber(5491123450000, 3, ""),  // Argentina
            Mexican()};
  }
};

TEST_P(SpellingTest, AnAccountIsFoundUnderEitherSpelling) {
  Start();
  for (const Number& number : Numbers()) {
    for (const std::string& typed : {number.other, number.registered}) {
      for (const bool urgent : {true, false}) {
        SCOPED_TRACE(absl::StrCat(typed, urgent ? ", urgent" : ", bulk"));
        const std::string jid = JidOf(number.registered);
        ASSERT_TRUE(stores_.pictures->Forget(jid, false).ok());
        LookupRequest request;
        request.urgent = urgent;
        const v1::ProfilePicture picture =
            Look({typed}, std::move(request))[0].profile_picture();
        // The result has WhatsApp's JID and the caller's number.
        EXPECT_EQ(picture.jid(), jid);
        EXPECT_EQ(picture.phone_number(), typed);
        EXPECT_EQ(picture.registration(), v1::REGISTRATION_REGISTERED);
        EXPECT_NE(picture.url(), "");
      }
    }
  }
  EXPECT_EQ(control().GetStats().unregistered_picture_queries(), 0u);
  EXPECT_THAT(simulator_->protocol_errors(), IsEmpty());
}

TEST_P(SpellingTest, BothSpellingsInOneListAreOneContact) {
  Start();
  for (const Number& number : Numbers()) {
    SCOPED_TRACE(number.registered);
    Asked();
    const auto results = Look({number.other, number.registered});
    EXPECT_EQ(results[0].profile_picture().phone_number(), number.other);
    EXPECT_EQ(results[1].profile_picture().phone_number(), number.registered);
    EXPECT_EQ(results[0].profile_picture().id(),
              results[1].profile_picture().id());
    const auto asked = Asked();
    EXPECT_EQ(asked.usync_users(), 1u);
    EXPECT_EQ(asked.picture_queries(), 1u);
    // From now on, both spellings are answered from the store.
    for (const std::string& typed : {number.other, number.registered}) {
      EXPECT_EQ(LookOne(typed).profile_picture().source(), v1::SOURCE_STORE);
    }
    // If it is queried again, there is one query only.
    LookOne(number.other, MaxAge(absl::ZeroDuration()));
    EXPECT_EQ(Asked().usync_users(), 1u);
  }
}

TEST_P(SpellingTest, AnUnregisteredNumberIsQueriedOnceUnderBothSpellings) {
  Start();
  const Number nobody = FindNumber(
      5215512340000, 3, "",
      [](const sim::v1::Account& account) { return !account.registered(); });
  Asked();
  EXPECT_EQ(LookOne(nobody.other).profile_picture().registration(),
            v1::REGISTRATION_NOT_REGISTERED);
  const auto asked = Asked();
  EXPECT_EQ(asked.usync_queries(), 1u);
  EXPECT_EQ(asked.usync_users(), 2u);
  EXPECT_EQ(asked.picture_queries(), 0u);
  for (const std::string& typed : {nobody.registered, nobody.other}) {
    const v1::ProfilePicture picture = LookOne(typed).profile_picture();
    EXPECT_EQ(picture.source(), v1::SOURCE_STORE);
    EXPECT_EQ(picture.phone_number(), typed);
  }
  EXPECT_EQ(Asked().usync_queries(), 0u);
}

TEST_P(SpellingTest, AnObjectionAppliesToBothSpellings) {
  Start();
  const Number number = Mexican();
  ASSERT_TRUE(stores_.pictures->Forget(JidOf(number.other), true).ok());
  Asked();
  for (const std::string& typed : {number.other, number.registered}) {
    EXPECT_EQ(LookOne(typed).error().reason(), v1::ERROR_REASON_SUPPRESSED);
  }
  EXPECT_EQ(Asked().usync_queries(), 0u);
}

INSTANTIATE_TEST_SUITE_P(WhatsApp, SpellingTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Resolves" : "DoesNotResolve";
                         });

}  // namespace
}  // namespace portrait
