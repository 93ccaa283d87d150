#include "server/contact_history.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;

constexpr char kContact[] = "+1 310 555 1234";
constexpr char kLid[] = "100875997589545@lid";

class ContactHistoryTest : public testing::Test {
 protected:
  void Apply(int pictures) {
    for (int i = 0; i < pictures; ++i) {
      Observation seen;
      seen.jid = "13105551234@s.whatsapp.net";
      seen.lid = kLid;
      seen.registration = v1::REGISTRATION_REGISTERED;
      seen.state = v1::PICTURE_STATE_AVAILABLE;
      seen.picture_id = absl::StrCat(i);
      seen.observed_at = absl::FromUnixSeconds(1'700'000'000 + i);
      ASSERT_TRUE(stores_.pictures->Apply({seen}).ok());
    }
  }
  absl::Status List() {
    response_.Clear();
    return ListChanges(*stores_.pictures, TenantView(), request_, &response_);
  }

  Stores stores_ = NewMemoryStores();
  v1::ListProfilePictureChangesRequest request_;
  v1::ListProfilePictureChangesResponse response_;
};

TEST_F(ContactHistoryTest, PagesFromTheNewestToTheOldest) {
  Apply(7);
  request_.set_contact(kContact);
  request_.set_page_size(3);
  std::vector<std::string> ids;
  std::vector<int> page_sizes;
  do {
    ASSERT_TRUE(List().ok());
    page_sizes.push_back(response_.changes_size());
    for (const auto& change : response_.changes())
      ids.push_back(change.new_id());
    request_.set_page_token(response_.next_page_token());
    if (page_sizes.size() == 1) Apply(0);
  } while (!response_.next_page_token().empty());
  EXPECT_THAT(ids, testing::ElementsAre("6", "5", "4", "3", "2", "1", "0"));
  EXPECT_THAT(page_sizes, testing::ElementsAre(3, 3, 1));
}

TEST_F(ContactHistoryTest, APageHas50ChangesByDefaultAnd1000AtMost) {
  Apply(1003);
  request_.set_contact(kLid);
  ASSERT_TRUE(List().ok());
  EXPECT_EQ(response_.changes_size(), kDefaultPageSize);
  request_.set_page_size(1'000'000);
  ASSERT_TRUE(List().ok());
  EXPECT_EQ(response_.changes_size(), kMaxPageSize);
}

TEST_F(ContactHistoryTest, AContactNeverSeenHasNoHistory) {
  request_.set_contact(kContact);
  ASSERT_TRUE(List().ok());
  EXPECT_EQ(response_.changes_size(), 0);
  EXPECT_EQ(response_.next_page_token(), "");
}

TEST_F(ContactHistoryTest, WrongRequestsNameTheField) {
  request_.set_contact("no number");
  EXPECT_THAT(std::string(List().message()), HasSubstr("contact: "));
  request_.set_contact(kContact);
  request_.set_page_size(-1);
  EXPECT_THAT(std::string(List().message()), HasSubstr("page_size: "));
  request_.set_page_size(0);
  for (const std::string token : {"x", "p1-", "p1-zz", "p1-0", "p1--1"}) {
    request_.set_page_token(token);
    EXPECT_THAT(std::string(List().message()), HasSubstr("page_token: "));
  }
}

TEST_F(ContactHistoryTest, ForgettingALidErasesThePersonOnce) {
  Apply(3);
  v1::ForgetContactRequest forget;
  forget.set_contact(kLid);
  v1::ForgetContactResponse forgotten;
  ASSERT_TRUE(Forget(*stores_.pictures, TenantView(), forget, &forgotten).ok());
  EXPECT_GT(forgotten.records_erased(), 0u);
  request_.set_contact(kContact);
  ASSERT_TRUE(List().ok());
  EXPECT_EQ(response_.changes_size(), 0);
  ASSERT_TRUE(Forget(*stores_.pictures, TenantView(), forget, &forgotten).ok());
  EXPECT_EQ(forgotten.records_erased(), 0u);
}

TEST_F(ContactHistoryTest, ForgettingAnIncompleteNumberErasesNothing) {
  Apply(3);
  for (const char* text :
       {"+1 310 555 1234 Mama", "+1 310 555 XXXX", "+1 310 555 1234 ext. 5",
        "555 1234", "+1 310 555 1234; +1 310 555 1235"}) {
    v1::ForgetContactRequest forget;
    forget.set_contact(text);
    forget.set_suppress(true);
    v1::ForgetContactResponse forgotten;
    EXPECT_EQ(Forget(*stores_.pictures, TenantView(), forget, &forgotten)
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
  request_.set_contact(kContact);
  ASSERT_TRUE(List().ok());
  EXPECT_GT(response_.changes_size(), 0);
}

TEST_F(ContactHistoryTest, ANumberWithTwoSpellingsIsFoundAndErasedUnderEither) {
  Observation seen;
  seen.jid = "5215512345678@s.whatsapp.net";
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.state = v1::PICTURE_STATE_AVAILABLE;
  seen.picture_id = "7";
  seen.observed_at = absl::FromUnixSeconds(1);
  ASSERT_TRUE(stores_.pictures->Apply({seen}).ok());
  for (const char* typed : {"+525512345678", "+5215512345678"}) {
    request_.set_contact(typed);
    ASSERT_TRUE(List().ok());
    EXPECT_EQ(response_.changes_size(), 1) << typed;
  }
  v1::ForgetContactRequest forget;
  forget.set_contact("+525512345678");
  forget.set_suppress(true);
  v1::ForgetContactResponse forgotten;
  ASSERT_TRUE(Forget(*stores_.pictures, TenantView(), forget, &forgotten).ok());
  EXPECT_GT(forgotten.records_erased(), 0u);
  const std::vector<std::string> jids = {seen.jid,
                                         "525512345678@s.whatsapp.net"};
  const auto stored = stores_.pictures->Get(jids);
  ASSERT_TRUE(stored.ok());
  for (const StoredContact& contact : *stored) {
    EXPECT_TRUE(contact.suppressed);
  }
}

TEST_F(ContactHistoryTest, HistoryFollowsTheSpellingThatLookupsAnswerFrom) {
  Observation seen;
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.state = v1::PICTURE_STATE_AVAILABLE;
  seen.jid = "525512345678@s.whatsapp.net";
  seen.picture_id = "later";
  seen.observed_at = absl::FromUnixSeconds(9);
  Observation earlier = seen;
  earlier.jid = "5215512345678@s.whatsapp.net";
  earlier.picture_id = "earlier";
  earlier.observed_at = absl::FromUnixSeconds(3);
  ASSERT_TRUE(stores_.pictures->Apply({seen, earlier}).ok());
  for (const char* typed : {"+525512345678", "+5215512345678"}) {
    request_.set_contact(typed);
    ASSERT_TRUE(List().ok());
    ASSERT_EQ(response_.changes_size(), 1) << typed;
    EXPECT_EQ(response_.changes(0).new_id(), "later") << typed;
  }
}

}  // namespace
}  // namespace portrait
