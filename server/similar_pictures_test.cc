// Tests searches for similar pictures over a gRPC channel: what is found, what
// a tenant may know, and that what is hidden or forgotten is not found.
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "core/image/testing/scripted_cdn.h"
#include "core/image/testing/test_image.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/similar_pictures.h"
#include "server/testing/served_images.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kAnn[] = "+13105550001", kBen[] = "+13105550002",
               kCem[] = "+13105550003", kDan[] = "+13105550004";

class SimilarPicturesTest : public testing::Test {
 protected:
  explicit SimilarPicturesTest(bool isolates_tenants = false)
      : world_(NewMemoryStores(), isolates_tenants),
        cdn_([](const std::string& path, const auto& send) {
          for (const char* name : {"photo0.jpg", "photo1.jpg", "blank.png"}) {
            if (absl::StrContains(path, name)) {
              return send(ScriptedCdn::Ok(TestImage(name)));
            }
          }
          return false;
        }) {
    world_.sessions->SetScript([this](const ContactTask& task) {
      Observation seen = Seen(task, "1");
      const std::string& file = files_[seen.phone_number];
      if (file.empty()) {
        seen.state = v1::PICTURE_STATE_HIDDEN;
        seen.picture_id = "";
        seen.full_url = seen.preview_url = std::nullopt;
      } else {
        seen.full_url = PictureUrl{absl::StrCat(cdn_.origin(), "/", file)};
      }
      return seen;
    });
    acme_ = MakeToken("acme");
    crm_ = MakeToken("crm");
  }

  std::string MakeToken(const std::string& tenant) {
    return world_.MakeToken(tenant, {v1::RIGHT_LOOKUP, v1::RIGHT_IMAGES,
                                     v1::RIGHT_LIKENESS, v1::RIGHT_FORGET});
  }

  // The contact shows the picture in this file; "": it hides it.
  v1::ProfilePicture LookUp(const std::string& token, const std::string& phone,
                            const std::string& file, bool shared_by = false) {
    files_[phone] = file;
    v1::GetProfilePictureRequest request;
    request.set_contact(phone);
    request.mutable_options()->mutable_max_age();
    request.mutable_options()->set_images(v1::IMAGE_WISH_WAIT);
    request.mutable_options()->set_shared_by(shared_by);
    v1::GetProfilePictureResponse response;
    const auto context = world_.ContextWithToken(token);
    status_ = pictures_->GetProfilePicture(context.get(), request, &response);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return response.profile_picture();
  }

  v1::FindSimilarPicturesResponse Find(
      const std::string& token, const v1::FindSimilarPicturesRequest& request) {
    v1::FindSimilarPicturesResponse response;
    const auto context = world_.ContextWithToken(token);
    status_ = pictures_->FindSimilarPictures(context.get(), request, &response);
    return response;
  }
  v1::FindSimilarPicturesResponse Find(const std::string& token,
                                       const std::string& contact) {
    v1::FindSimilarPicturesRequest request;
    request.set_contact(contact);
    return Find(token, request);
  }
  v1::FindSimilarPicturesResponse FindImage(const std::string& token,
                                            const std::string& bytes,
                                            uint32_t max_distance = 0) {
    v1::FindSimilarPicturesRequest request;
    request.set_image(bytes);
    request.set_max_distance(max_distance);
    return Find(token, request);
  }

  static std::vector<std::string> PhonesOf(
      const v1::FindSimilarPicturesResponse& response) {
    std::vector<std::string> phones;
    for (const v1::SimilarPicture& picture : response.pictures()) {
      phones.push_back(picture.phone_number());
    }
    return phones;
  }
  std::string reason() const { return DetailsOf(status_).info.reason(); }

  World world_;
  std::map<std::string, std::string> files_;
  grpc::Status status_;
  ScriptedCdn cdn_;
  ServedImages served_{world_, cdn_.origin()};
  std::unique_ptr<v1::ProfilePictureService::Stub> pictures_ =
      served_.NewStub();
  std::string acme_, crm_;
};

TEST_F(SimilarPicturesTest, FindsTheContactsWithTheSamePicture) {
  LookUp(acme_, kAnn, "photo0.jpg");
  LookUp(acme_, kBen, "photo0.jpg");
  LookUp(acme_, kCem, "photo1.jpg");
  const auto found = Find(acme_, kAnn);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_THAT(PhonesOf(found), ElementsAre(kBen));
  EXPECT_EQ(found.contacts(), 1u);
  EXPECT_EQ(found.pictures(0).distance(), 0u);
  EXPECT_EQ(found.pictures(0).image().id(), "1");
  EXPECT_EQ(found.perceptual_hash(),
            found.pictures(0).image().perceptual_hash());
  // An uploaded image has no contact of its own.
  EXPECT_THAT(PhonesOf(FindImage(acme_, TestImage("photo0.jpg"))),
              ElementsAre(kAnn, kBen));
}

TEST_F(SimilarPicturesTest, ASmallerCopyIsFoundWithinADistance) {
  LookUp(acme_, kAnn, "photo0.jpg");
  const auto thumbnail = served_.images().reader().Thumbnail(
      TestImage("photo0.jpg"), kSmallThumbnail);
  ASSERT_TRUE(thumbnail.ok()) << thumbnail.status();
  const auto found = FindImage(acme_, *thumbnail, kMaxSimilarDistance);
  EXPECT_THAT(PhonesOf(found), ElementsAre(kAnn));
}

TEST_F(SimilarPicturesTest, OthersContactsAreCountedButNotListed) {
  LookUp(acme_, kAnn, "photo0.jpg");
  LookUp(crm_, kBen, "photo0.jpg");
  LookUp(crm_, kCem, "photo0.jpg");
  const auto found = Find(acme_, kAnn);
  EXPECT_EQ(found.contacts(), 2u);
  EXPECT_THAT(PhonesOf(found), IsEmpty());
  // Another tenant's contact cannot be searched for.
  Find(acme_, kBen);
  EXPECT_EQ(reason(), "ERROR_REASON_NO_IMAGE");
}

TEST_F(SimilarPicturesTest, WhatIsHiddenReplacedOrForgottenIsNotFound) {
  for (const char* phone : {kAnn, kBen, kCem, kDan}) {
    LookUp(acme_, phone, "photo0.jpg");
  }
  ASSERT_EQ(Find(acme_, kAnn).contacts(), 3u);
  LookUp(acme_, kBen, "");
  EXPECT_THAT(PhonesOf(Find(acme_, kAnn)), ElementsAre(kCem, kDan));
  v1::ForgetContactRequest forget;
  forget.set_contact(kCem);
  v1::ForgetContactResponse forgotten;
  const auto context = world_.ContextWithToken(acme_);
  ASSERT_TRUE(pictures_->ForgetContact(context.get(), forget, &forgotten).ok());
  const auto found = Find(acme_, kAnn);
  EXPECT_THAT(PhonesOf(found), ElementsAre(kDan));
  EXPECT_EQ(found.contacts(), 1u);
  // Nothing of them is left in the index either.
  served_.images().Tidy();
  const auto left = world_.stores.images->ListAfter("l", "", 100);
  ASSERT_TRUE(left.ok());
  for (const auto& [key, nothing] : *left) {
    EXPECT_FALSE(absl::StrContains(key, "13105550002")) << "hidden";
    EXPECT_FALSE(absl::StrContains(key, "13105550003")) << "forgotten";
  }
}

TEST_F(SimilarPicturesTest, PagesFollowEachOther) {
  for (const char* phone : {kAnn, kBen, kCem, kDan}) {
    LookUp(acme_, phone, "photo0.jpg");
  }
  v1::FindSimilarPicturesRequest request;
  request.set_contact(kAnn);
  request.set_page_size(2);
  const auto first = Find(acme_, request);
  EXPECT_THAT(PhonesOf(first), ElementsAre(kBen, kCem));
  request.set_page_token(first.next_page_token());
  const auto second = Find(acme_, request);
  EXPECT_THAT(PhonesOf(second), ElementsAre(kDan));
  EXPECT_THAT(second.next_page_token(), IsEmpty());
  EXPECT_EQ(second.contacts(), 3u);
  request.set_page_token("!");
  Find(acme_, request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(SimilarPicturesTest, BlankPicturesAreNotCompared) {
  LookUp(acme_, kAnn, "blank.png");
  LookUp(acme_, kBen, "blank.png");
  const auto found = Find(acme_, kAnn);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_TRUE(found.is_not_compared());
  EXPECT_EQ(found.contacts(), 0u);
  EXPECT_FALSE(
      LookUp(acme_, kAnn, "blank.png", /*shared_by=*/true).has_shared_by());
}

TEST_F(SimilarPicturesTest, ALookupSaysHowManyContactsShareThePicture) {
  EXPECT_EQ(LookUp(acme_, kAnn, "photo0.jpg", /*shared_by=*/true)
                .shared_by()
                .contacts(),
            0u);
  LookUp(crm_, kBen, "photo0.jpg");
  const auto shared = LookUp(acme_, kCem, "photo0.jpg", /*shared_by=*/true);
  EXPECT_EQ(shared.shared_by().contacts(), 2u);
  EXPECT_TRUE(shared.has_image());
  EXPECT_FALSE(LookUp(acme_, kCem, "photo0.jpg").has_shared_by());
}

TEST_F(SimilarPicturesTest, ImagesAreKeptWhileSearchesTakeLong) {
  absl::Notification go_on;
  std::atomic<int> running = 0;
  const auto search = [&] {
    ++running;
    go_on.WaitForNotification();
  };
  size_t posted = 0;
  const auto post_all = [&] {
    while (served_.images().PostSearch("crm", search)) ++posted;
  };
  post_all();
  EXPECT_TRUE(WaitUntil([&] { return running == 2; }));  // one on each thread
  post_all();
  EXPECT_EQ(posted, Images::kMaxWaitingSearches + 2);
  EXPECT_TRUE(LookUp(acme_, kAnn, "photo0.jpg").has_image());
  // With shared_by, a lookup then searches itself.
  const v1::ProfilePicture shown =
      LookUp(acme_, kBen, "photo0.jpg", /*shared_by=*/true);
  EXPECT_EQ(shown.shared_by().contacts(), 1u);
  Find(acme_, kAnn);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  go_on.Notify();
  served_.images().WaitForPosted();
  EXPECT_THAT(PhonesOf(Find(acme_, kAnn)), ElementsAre(kBen));
}

TEST_F(SimilarPicturesTest, TheRightsAreNeeded) {
  LookUp(acme_, kAnn, "photo0.jpg");
  for (const auto right : {v1::RIGHT_IMAGES, v1::RIGHT_LIKENESS}) {
    const std::string token =
        world_.MakeToken("acme", {v1::RIGHT_LOOKUP, right});
    Find(token, kAnn);
    EXPECT_EQ(status_.ok(), right == v1::RIGHT_LIKENESS);
    v1::GetProfilePictureRequest request;
    request.set_contact(kAnn);
    request.mutable_options()->set_shared_by(true);
    v1::GetProfilePictureResponse response;
    const auto context = world_.ContextWithToken(token);
    EXPECT_EQ(pictures_->GetProfilePicture(context.get(), request, &response)
                  .error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
  }
}

TEST_F(SimilarPicturesTest, InvalidRequestsAreRefused) {
  v1::FindSimilarPicturesRequest nothing, both, far;
  both.set_contact(kAnn);
  both.set_image("x");
  far.set_contact(kAnn);
  far.set_max_distance(9);
  for (const auto& request : {nothing, both, far}) {
    Find(acme_, request);
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  FindImage(acme_, "no image");
  EXPECT_THAT(status_.error_message(), HasSubstr("not a JPEG, PNG or WebP"));
  FindImage(acme_, std::string((3 << 20) + 1, 'x'));
  EXPECT_THAT(status_.error_message(), HasSubstr("at most 3145728"));
}

class IsolatedSimilarTest : public SimilarPicturesTest {
 protected:
  IsolatedSimilarTest() : SimilarPicturesTest(/*isolates_tenants=*/true) {}
};

TEST_F(IsolatedSimilarTest, OthersContactsAreNotEvenCounted) {
  LookUp(crm_, kBen, "photo0.jpg");
  LookUp(acme_, kCem, "photo0.jpg");
  const auto shared = LookUp(acme_, kAnn, "photo0.jpg", /*shared_by=*/true);
  EXPECT_EQ(shared.shared_by().contacts(), 1u);
  const auto found = Find(acme_, kAnn);
  EXPECT_EQ(found.contacts(), 1u);
  EXPECT_THAT(PhonesOf(found), UnorderedElementsAre(kCem));
}

}  // namespace
}  // namespace portrait
