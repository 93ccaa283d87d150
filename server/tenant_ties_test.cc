// Tests what a tenant can see and erase of contacts that another tenant has
// looked up. Uses a whole server over loopback.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "portrait/v1/admin.grpc.pb.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::vector<v1::Right>& CustomerRights() {
  static const auto& rights = *new std::vector<v1::Right>{
      v1::RIGHT_LOOKUP, v1::RIGHT_WATCH, v1::RIGHT_HISTORY, v1::RIGHT_FORGET};
  return rights;
}

constexpr char kNumber[] = "4915112345678";
constexpr char kEndNumber[] = "4915190000000";

class TenantTiesTest : public testing::Test {
 protected:
  explicit TenantTiesTest(bool isolates_tenants = false)
      : world_(NewMemoryStores(), isolates_tenants) {
    acme_ = world_.MakeToken("acme", CustomerRights());
    bank_ = world_.MakeToken("bank", CustomerRights());
    world_.sessions->SetScript([this](const ContactTask& task) {
      absl::MutexLock lock(&mu_);
      const std::string& picture = pictures_[task.contact.jid.user];
      return Seen(task, picture.empty() ? "1" : picture);
    });
  }

  // WhatsApp shows picture "1" by default.
  void SetPicture(const std::string& number, const std::string& id) {
    absl::MutexLock lock(&mu_);
    pictures_[number] = id;
  }

  v1::ProfilePicture Look(const std::string& token, const std::string& number,
                          absl::Duration max_age = absl::Hours(1)) {
    v1::GetProfilePictureRequest request;
    request.set_contact(number);
    *request.mutable_options()->mutable_max_age() = ToProto(max_age);
    v1::GetProfilePictureResponse response;
    const auto context = world_.ContextWithToken(token);
    const grpc::Status status =
        world_.pictures->GetProfilePicture(context.get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.profile_picture();
  }
  v1::ProfilePicture LookAnew(const std::string& token,
                              const std::string& number) {
    return Look(token, number, absl::ZeroDuration());
  }

  std::vector<std::string> History(const std::string& token,
                                   const std::string& number) {
    v1::ListProfilePictureChangesRequest request;
    request.set_contact(number);
    v1::ListProfilePictureChangesResponse response;
    const auto context = world_.ContextWithToken(token);
    const grpc::Status status = world_.pictures->ListProfilePictureChanges(
        context.get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return IdsOf(response.changes());
  }

  // All changes from the beginning, as far as the store has them.
  std::vector<std::string> Watch(const std::string& token,
                                 const std::vector<std::string>& contacts) {
    v1::WatchProfilePictureChangesRequest request;
    request.set_resume_token("beginning");
    for (const std::string& contact : contacts) request.add_contacts(contact);
    if (!contacts.empty()) request.add_contacts(kEndNumber);
    const auto context = world_.ContextWithToken(token);
    const auto reader =
        world_.pictures->WatchProfilePictureChanges(context.get(), request);
    v1::WatchProfilePictureChangesResponse response;
    std::vector<std::string> ids;
    // A change that any tenant may see ends the walk.
    MarkTheEnd(token);
    while (reader->Read(&response)) {
      for (const std::string& id : IdsOf(response.changes())) {
        if (id == absl::StrCat("end ", ends_)) {
          context->TryCancel();
          while (reader->Read(&response)) {
          }
          reader->Finish();
          return ids;
        }
        if (id.find(' ') == std::string::npos) ids.push_back(id);
      }
    }
    ADD_FAILURE() << reader->Finish().error_message();
    return ids;
  }

  uint64_t Forget(const std::string& token, const std::string& number) {
    v1::ForgetContactRequest request;
    request.set_contact(number);
    v1::ForgetContactResponse response;
    const auto context = world_.ContextWithToken(token);
    const grpc::Status status =
        world_.pictures->ForgetContact(context.get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.records_erased();
  }

  bool IsStored(const std::string& number) {
    const std::vector<std::string> jids = {number + "@s.whatsapp.net"};
    return world_.stores.pictures->Get(jids)->at(0).record.has_value();
  }

  template <typename Changes>
  static std::vector<std::string> IdsOf(const Changes& changes) {
    std::vector<std::string> ids;
    for (const auto& change : changes) {
      ids.push_back(change.new_id());
    }
    return ids;
  }

  // Makes a contact that the tenant asks about change its picture.
  void MarkTheEnd(const std::string& token) {
    SetPicture(kEndNumber, absl::StrCat("start ", ++ends_));
    LookAnew(token, kEndNumber);
    SetPicture(kEndNumber, absl::StrCat("end ", ends_));
    LookAnew(token, kEndNumber);
  }

  absl::Mutex mu_;
  std::map<std::string, std::string> pictures_ ABSL_GUARDED_BY(mu_);
  World world_;
  std::string acme_, bank_;
  int ends_ = 0;
};

class IsolatedTenantsTest : public TenantTiesTest {
 protected:
  IsolatedTenantsTest() : TenantTiesTest(/*isolates_tenants=*/true) {}
};

// ---- one tenant sees nothing of the other's ---------------------------------

TEST_F(TenantTiesTest, AnotherTenantSeesNothingInWatchHistoryAndForget) {
  std::vector<std::string> numbers;
  for (int i = 0; i < 30; ++i) {
    numbers.push_back(absl::StrCat(4915112345000 + i));
    SetPicture(numbers.back(), "secret");
    LookAnew(bank_, numbers.back());
  }
  EXPECT_THAT(Watch(acme_, {}), IsEmpty());
  EXPECT_THAT(Watch(acme_, numbers), IsEmpty()) << "contacts that it names";
  for (const std::string& number : numbers) {
    EXPECT_THAT(History(acme_, number), IsEmpty());
    EXPECT_EQ(Forget(acme_, number), 0u);
    EXPECT_TRUE(IsStored(number));
  }
  EXPECT_THAT(Watch(bank_, {}), SizeIs(30));
  EXPECT_THAT(History(bank_, numbers[0]), ElementsAre("secret"));
}

TEST_F(TenantTiesTest, AnAnswerFromTheStoreShowsItsContactToTheTenant) {
  LookAnew(bank_, kNumber);
  SetPicture(kNumber, "2");
  LookAnew(bank_, kNumber);
  EXPECT_THAT(History(acme_, kNumber), IsEmpty());
  const v1::ProfilePicture shared = Look(acme_, kNumber);
  EXPECT_EQ(shared.source(), v1::SOURCE_STORE);
  EXPECT_EQ(shared.previous_id(), "1");
  EXPECT_THAT(History(acme_, kNumber), ElementsAre("2", "1"));
  EXPECT_THAT(Watch(acme_, {}), ElementsAre("1", "2"));
}

TEST_F(TenantTiesTest, TheRightWatchAllShowsContactsOfAllTenants) {
  LookAnew(bank_, kNumber);
  const std::string auditor = world_.MakeToken(
      "auditor", {v1::RIGHT_LOOKUP, v1::RIGHT_WATCH_ALL, v1::RIGHT_HISTORY});
  EXPECT_THAT(Watch(auditor, {}), ElementsAre("1"));
  EXPECT_THAT(History(auditor, kNumber), ElementsAre("1"));
  // A token that was created before rights existed behaves the same.
  EXPECT_THAT(Watch(world_.MakeLookupToken("old"), {kNumber}),
              ElementsAre("1"));
}

// ---- forgetting -------------------------------------------------------------

TEST_F(TenantTiesTest, ForgettingLeavesTheContactToTheOtherTenant) {
  LookAnew(bank_, kNumber);
  LookAnew(acme_, kNumber);
  EXPECT_EQ(Forget(acme_, kNumber), 1u);
  EXPECT_THAT(History(acme_, kNumber), IsEmpty());
  EXPECT_THAT(History(bank_, kNumber), ElementsAre("1"));
  EXPECT_THAT(world_.sessions->forgotten(), IsEmpty());
  EXPECT_EQ(Forget(bank_, kNumber), 3u) << "the last tie takes all with it";
  EXPECT_FALSE(IsStored(kNumber));
  EXPECT_THAT(world_.sessions->forgotten(), Not(IsEmpty()));
}

TEST_F(TenantTiesTest, AnAdminForgetsForAllTenants) {
  LookAnew(bank_, kNumber);
  LookAnew(acme_, kNumber);
  EXPECT_EQ(Forget(world_.admin_token, kNumber), 3u);
  EXPECT_FALSE(IsStored(kNumber));
}

// ---- the linked accounts ----------------------------------------------------

TEST_F(TenantTiesTest, ATenantThatMayNotPinSessionsLearnsNoAccount) {
  const std::string pinning =
      world_.MakeToken("pinning", {v1::RIGHT_LOOKUP, v1::RIGHT_PIN_SESSION});
  const std::string own = "12025550100";
  v1::GetProfilePictureRequest request;
  request.set_contact(own);
  v1::GetProfilePictureResponse response;
  const auto context = world_.ContextWithToken(pinning);
  EXPECT_EQ(DetailsOf(world_.pictures->GetProfilePicture(context.get(), request,
                                                         &response))
                .info.reason(),
            "ERROR_REASON_OWN_NUMBER");
  EXPECT_EQ(Look(acme_, own).id(), "1");
  EXPECT_EQ(Look(acme_, own).session(), "");
  EXPECT_EQ(Look(pinning, kNumber).session(), "alpha");
}

// ---- objections -------------------------------------------------------------

TEST_F(TenantTiesTest, AnAdminListsAndRemovesObjections) {
  LookAnew(bank_, kNumber);
  v1::ForgetContactRequest objection;
  objection.set_contact(kNumber);
  objection.set_suppress(true);
  v1::ForgetContactResponse forgotten;
  // Not by the right to forget.
  EXPECT_EQ(world_.pictures
                ->ForgetContact(world_.ContextWithToken(acme_).get(), objection,
                                &forgotten)
                .error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  ASSERT_TRUE(world_.pictures
                  ->ForgetContact(world_.Context().get(), objection, &forgotten)
                  .ok());

  const auto admin = v1::AdminService::NewStub(world_.channel);
  v1::ListObjectionsResponse listed;
  EXPECT_EQ(admin
                ->ListObjections(world_.ContextWithToken(acme_).get(),
                                 v1::ListObjectionsRequest(), &listed)
                .error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  ASSERT_TRUE(admin
                  ->ListObjections(world_.Context().get(),
                                   v1::ListObjectionsRequest(), &listed)
                  .ok());
  ASSERT_THAT(listed.objections(), SizeIs(1));
  EXPECT_TRUE(listed.objections(0).has_create_time());

  v1::RemoveObjectionRequest remove;
  v1::RemoveObjectionResponse removed;
  EXPECT_EQ(admin->RemoveObjection(world_.Context().get(), remove, &removed)
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  remove.set_contact(kNumber);
  ASSERT_TRUE(
      admin->RemoveObjection(world_.Context().get(), remove, &removed).ok());
  EXPECT_EQ(removed.objections_removed(), 1u);
  EXPECT_EQ(admin->RemoveObjection(world_.Context().get(), remove, &removed)
                .error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Look(bank_, kNumber).id(), "1");
}

// ---- --isolate-tenants ------------------------------------------------------

TEST_F(IsolatedTenantsTest, SourceAndTimesRevealNothingAboutAnotherTenant) {
  const v1::ProfilePicture of_bank = LookAnew(bank_, kNumber);
  SetPicture(kNumber, "2");
  LookAnew(bank_, kNumber);
  // Fresh in the store, and changed before.
  const v1::ProfilePicture first = Look(acme_, kNumber);
  EXPECT_EQ(first.source(), v1::SOURCE_WHATSAPP);
  EXPECT_GT(FromProto(first.check_time()), FromProto(of_bank.check_time()));
  EXPECT_FALSE(first.has_change_time());
  EXPECT_EQ(first.previous_id(), "");
  // Its own answer is one from the store, until the other tenant renews it.
  EXPECT_EQ(Look(acme_, kNumber).source(), v1::SOURCE_STORE);
  LookAnew(bank_, kNumber);
  EXPECT_EQ(Look(acme_, kNumber).source(), v1::SOURCE_WHATSAPP);
}

TEST_F(IsolatedTenantsTest, CountsAndChangesAreAsForASingleTenant) {
  const std::string alone = "4915111111111";
  for (const std::string& number : {std::string(kNumber), alone}) {
    if (number == kNumber) {
      LookAnew(bank_, number);
      SetPicture(number, "2");
      LookAnew(bank_, number);
    }
    SetPicture(number, "2");
    LookAnew(acme_, number);
    EXPECT_THAT(History(acme_, number), IsEmpty()) << number;
    SetPicture(number, "3");
    const v1::ProfilePicture changed = LookAnew(acme_, number);
    EXPECT_EQ(changed.previous_id(), "2") << number;
    EXPECT_THAT(History(acme_, number), ElementsAre("3")) << number;
    EXPECT_EQ(Forget(acme_, number), 1u) << number;
    EXPECT_EQ(Forget(acme_, number), 0u) << number;
  }
  EXPECT_TRUE(IsStored(kNumber));
  EXPECT_FALSE(IsStored(alone));
}

TEST_F(IsolatedTenantsTest, WatchAllShowsOwnContactsToAllButAdmins) {
  LookAnew(bank_, kNumber);
  SetPicture(kNumber, "2");
  LookAnew(bank_, kNumber);
  EXPECT_THAT(Watch(world_.MakeLookupToken("old"), {}), IsEmpty());
  EXPECT_THAT(Watch(world_.admin_token, {}), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace portrait
