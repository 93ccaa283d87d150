// Tests images over a gRPC channel: downloads, lookups that keep images, what
// is forgotten.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"
#include "core/image/testing/scripted_cdn.h"
#include "core/image/testing/test_image.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/served_images.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kAnn[] = "+13105551234";
constexpr char kAnnJid[] = "13105551234@s.whatsapp.net";

class DownloadPictureTest : public testing::Test {
 protected:
  explicit DownloadPictureTest(bool isolates_tenants = false)
      : world_(NewMemoryStores(), isolates_tenants),
        cdn_([this](const std::string& request, const auto& send) {
          return send(absl::StrContains(request, "/dead")
                          ? "HTTP/1.1 403 Forbidden\r\nContent-Length: "
                            "0\r\n\r\n"
                          : ScriptedCdn::Ok(image_));
        }) {
    world_.sessions->SetScript(
        [this](const ContactTask& task) { return Answer(task); });
  }

  ScriptedSessions::Answer Answer(const ContactTask& task) {
    Observation seen = Seen(task, id_);
    seen.state = state_;
    if (state_ != v1::PICTURE_STATE_AVAILABLE) {
      seen.picture_id = "";
      seen.full_url = seen.preview_url = std::nullopt;
      return seen;
    }
    seen.full_url =
        PictureUrl{cdn_.origin() + (dead_urls_-- > 0 ? "/dead" : "/")};
    return seen;
  }

  struct Download {
    grpc::Status status;
    v1::ImageMetadata metadata;
    std::string bytes;
    int chunks = 0;
    std::string reason() const { return DetailsOf(status).info.reason(); }
  };
  Download Get(const v1::DownloadProfilePictureRequest& request,
               const std::string& token = "") {
    const auto context =
        token.empty() ? world_.Context() : world_.ContextWithToken(token);
    const auto stream =
        pictures_->DownloadProfilePicture(context.get(), request);
    Download result;
    v1::DownloadProfilePictureResponse response;
    while (stream->Read(&response)) {
      if (response.has_metadata()) result.metadata = response.metadata();
      if (response.has_chunk()) ++result.chunks;
      result.bytes += response.chunk();
    }
    result.status = stream->Finish();
    return result;
  }
  Download Get(const std::string& contact = kAnn, const std::string& id = "",
               const std::string& token = "") {
    v1::DownloadProfilePictureRequest request;
    request.set_contact(contact);
    request.set_id(id);
    return Get(request, token);
  }

  v1::ProfilePicture LookUp(v1::ImageWish wish, bool refreshes = false,
                            const std::string& token = "") {
    v1::GetProfilePictureRequest request;
    request.set_contact(kAnn);
    request.mutable_options()->set_images(wish);
    if (refreshes) request.mutable_options()->mutable_max_age();
    v1::GetProfilePictureResponse response;
    const auto context =
        token.empty() ? world_.Context() : world_.ContextWithToken(token);
    status_ = pictures_->GetProfilePicture(context.get(), request, &response);
    return response.profile_picture();
  }
  v1::ListProfilePictureChangesResponse Changes(const std::string& token = "") {
    v1::ListProfilePictureChangesRequest request;
    request.set_contact(kAnn);
    v1::ListProfilePictureChangesResponse response;
    const auto context =
        token.empty() ? world_.Context() : world_.ContextWithToken(token);
    status_ =
        pictures_->ListProfilePictureChanges(context.get(), request, &response);
    return response;
  }

  // The number of images in the folder.
  size_t Files() const {
    size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(served_.folder())) {
      files += entry.is_regular_file() &&
               !absl::StartsWith(entry.path().filename().string(), "00000000");
    }
    return files;
  }

  World world_;
  std::string image_ = TestImage("photo0.jpg");
  std::string id_ = "1";
  v1::PictureState state_ = v1::PICTURE_STATE_AVAILABLE;
  std::atomic<int> dead_urls_ = 0;
  grpc::Status status_;
  ScriptedCdn cdn_;
  ServedImages served_{world_, cdn_.origin()};
  std::unique_ptr<v1::ProfilePictureService::Stub> pictures_ =
      served_.NewStub();
};

TEST_F(DownloadPictureTest, TheImageIsFetchedOnceAndThenSentFromTheStore) {
  const Download first = Get();
  ASSERT_TRUE(first.status.ok()) << first.status.error_message();
  EXPECT_EQ(first.bytes, image_);
  EXPECT_EQ(first.metadata.id(), "1");
  EXPECT_EQ(first.metadata.content_type(), "image/jpeg");
  EXPECT_EQ(first.metadata.size_bytes(), static_cast<int64_t>(image_.size()));
  EXPECT_EQ(first.metadata.sha256(), Sha256(image_));
  EXPECT_GT(first.metadata.width(), 0u);
  EXPECT_TRUE(first.metadata.has_fetch_time());
  const Download second = Get();
  EXPECT_EQ(second.bytes, image_);
  EXPECT_EQ(second.metadata.DebugString(), first.metadata.DebugString());
  EXPECT_THAT(cdn_.paths(), SizeIs(1));
  EXPECT_EQ(Files(), 1u);
}

TEST_F(DownloadPictureTest, ALargeImageComesInChunks) {
  // Bytes behind the end of a JPEG do not matter.
  image_ += std::string(200'000, 'x');
  const Download whole = Get();
  EXPECT_EQ(whole.bytes, image_);
  EXPECT_GE(whole.chunks, 4);
}

TEST_F(DownloadPictureTest, AThumbnailIsMadeWhenAskedFor) {
  v1::DownloadProfilePictureRequest request;
  request.set_contact(kAnn);
  request.set_thumbnail_pixels(96);
  const Download small = Get(request);
  ASSERT_TRUE(small.status.ok()) << small.status.error_message();
  EXPECT_EQ(std::max(small.metadata.width(), small.metadata.height()), 96u);
  EXPECT_EQ(small.metadata.sha256(), Sha256(small.bytes));
  EXPECT_EQ(small.metadata.content_type(), "image/jpeg");
  request.set_thumbnail_pixels(97);
  EXPECT_EQ(DetailsOf(Get(request).status).field(), "thumbnail_pixels");
}

TEST_F(DownloadPictureTest, ADeadUrlIsAskedForAgain) {
  dead_urls_ = 1;
  const Download image = Get();
  ASSERT_TRUE(image.status.ok()) << image.status.error_message();
  EXPECT_EQ(image.bytes, image_);
  EXPECT_THAT(cdn_.paths(), testing::ElementsAre("/dead", "/"));
}

TEST_F(DownloadPictureTest, AUrlThatStaysDeadIsUnavailable) {
  dead_urls_ = 100;
  const Download image = Get();
  EXPECT_EQ(image.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(image.reason(), "ERROR_REASON_UPSTREAM_ERROR");
  EXPECT_THAT(cdn_.paths(), SizeIs(2));
}

TEST_F(DownloadPictureTest, AnAnswerThatIsNoImageIsAnError) {
  image_ = "\xFF\xD8\xFF\xE0 starts like a JPEG and is none";
  const Download image = Get();
  EXPECT_EQ(image.reason(), "ERROR_REASON_UPSTREAM_ERROR");
  EXPECT_EQ(Files(), 0u);
}

TEST_F(DownloadPictureTest, WithoutAPictureThereIsNoImage) {
  for (const auto state :
       {v1::PICTURE_STATE_HIDDEN, v1::PICTURE_STATE_NOT_SET}) {
    state_ = state;
    const Download image = Get("+49151123456" + absl::StrCat(10 + state));
    EXPECT_EQ(image.status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(image.reason(), "ERROR_REASON_NO_IMAGE");
  }
}

TEST_F(DownloadPictureTest, ADownloadIsALookupOfTheTenant) {
  const std::string token = world_.MakeLookupToken("acme", /*quota=*/1);
  EXPECT_TRUE(Get(kAnn, "", token).status.ok());
  EXPECT_EQ(Get(kAnn, "", token).reason(), "ERROR_REASON_QUOTA_EXCEEDED");
}

TEST_F(DownloadPictureTest, ATokenWithoutTheRightGetsNoImages) {
  const std::string token =
      world_.MakeToken("acme", {v1::RIGHT_LOOKUP, v1::RIGHT_HISTORY});
  const Download image = Get(kAnn, "", token);
  EXPECT_EQ(image.status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(cdn_.paths(), IsEmpty());
  LookUp(v1::IMAGE_WISH_WAIT, false, token);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  ASSERT_TRUE(Get().status.ok());
  LookUp(v1::IMAGE_WISH_UNSPECIFIED, false, token);
  ASSERT_TRUE(status_.ok());
  const auto changes = Changes(token);
  for (const auto& change : changes.changes()) {
    EXPECT_FALSE(change.has_new_image());
  }
}

TEST_F(DownloadPictureTest, ALookupCanWaitForTheImage) {
  const v1::ProfilePicture picture = LookUp(v1::IMAGE_WISH_WAIT);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(picture.id(), "1");
  EXPECT_EQ(picture.image().sha256(), Sha256(image_));
  EXPECT_EQ(Files(), 1u);
}

TEST_F(DownloadPictureTest, ALookupThatWaitsIsAnsweredWithoutABrokenImage) {
  image_ = "no image";
  const v1::ProfilePicture picture = LookUp(v1::IMAGE_WISH_WAIT);
  ASSERT_TRUE(status_.ok());
  EXPECT_EQ(picture.id(), "1");
  EXPECT_FALSE(picture.has_image());
}

TEST_F(DownloadPictureTest, ALookupKeepsTheImageWithoutWaiting) {
  EXPECT_FALSE(LookUp(v1::IMAGE_WISH_KEEP).has_image());
  EXPECT_TRUE(WaitUntil([&] { return Files() == 1; }));
}

TEST_F(DownloadPictureTest, ALookupThatDoesNotAskFetchesNoImage) {
  LookUp(v1::IMAGE_WISH_UNSPECIFIED);
  EXPECT_EQ(served_.images().keeper().wanted(), 0u);
  EXPECT_THAT(cdn_.paths(), IsEmpty());
}

TEST_F(DownloadPictureTest, ChangesShowTheImagesBeforeAndAfter) {
  LookUp(v1::IMAGE_WISH_WAIT);
  const std::string first = image_;
  id_ = "2";
  image_ = TestImage("photo1.jpg");
  LookUp(v1::IMAGE_WISH_WAIT, /*refreshes=*/true);
  const auto changes = Changes();
  ASSERT_GT(changes.changes_size(), 0);
  const v1::ProfilePictureChange& change = changes.changes(0);
  EXPECT_EQ(change.kind(), v1::CHANGE_KIND_REPLACED);
  EXPECT_EQ(change.old_image().sha256(), Sha256(first));
  EXPECT_EQ(change.new_image().sha256(), Sha256(image_));
  EXPECT_EQ(Get(kAnn, "1").bytes, first);
  EXPECT_EQ(Get(kAnn, "2").bytes, image_);
  EXPECT_EQ(Get(kAnn, "3").reason(), "ERROR_REASON_NO_IMAGE");
}

TEST_F(DownloadPictureTest, AHiddenPicturesImagesAreNotSentAndGo) {
  LookUp(v1::IMAGE_WISH_WAIT);
  state_ = v1::PICTURE_STATE_HIDDEN;
  LookUp(v1::IMAGE_WISH_NONE, /*refreshes=*/true);
  EXPECT_EQ(Get(kAnn, "1").reason(), "ERROR_REASON_NO_IMAGE");
  EXPECT_EQ(Get().reason(), "ERROR_REASON_NO_IMAGE");
  EXPECT_TRUE(WaitUntil([&] { return Files() == 0; }));
}

TEST_F(DownloadPictureTest, AForgottenContactsImagesAreGoneWhenTheCallReturns) {
  LookUp(v1::IMAGE_WISH_WAIT);
  ASSERT_EQ(Files(), 1u);
  v1::ForgetContactRequest request;
  request.set_contact(kAnn);
  request.set_suppress(true);
  v1::ForgetContactResponse response;
  ASSERT_TRUE(
      pictures_->ForgetContact(world_.Context().get(), request, &response)
          .ok());
  EXPECT_EQ(Files(), 0u);
  EXPECT_THAT(*served_.images().vault().index().ImagesOf(kAnnJid), IsEmpty());
  EXPECT_EQ(Get().reason(), "ERROR_REASON_SUPPRESSED");
  EXPECT_EQ(Get(kAnn, "1").reason(), "ERROR_REASON_NO_IMAGE");
}

TEST_F(DownloadPictureTest, AnImageThatIsLostInTheFolderIsFetchedAnew) {
  ASSERT_TRUE(Get().status.ok());
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(served_.folder())) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry, 10);
  }
  EXPECT_EQ(Get().bytes, image_);
  EXPECT_THAT(cdn_.paths(), SizeIs(2));
}

TEST_F(DownloadPictureTest, TheImageIsFetchedThroughTheAccountsProxy) {
  ScriptedCdn proxy([this](const std::string&, const auto& send) {
    return send(ScriptedCdn::Ok(image_));
  });
  world_.sessions->SetProxyUrl(proxy.origin());
  EXPECT_EQ(Get().bytes, image_);
  EXPECT_THAT(proxy.paths(), SizeIs(1));
  EXPECT_THAT(cdn_.paths(), IsEmpty());
}

TEST_F(DownloadPictureTest, AServerWithoutImagesSaysSo) {
  world_.images = nullptr;
  const auto plain = world_.Serve();
  pictures_ = v1::ProfilePictureService::NewStub(grpc::CreateChannel(
      plain->address(), grpc::InsecureChannelCredentials()));
  EXPECT_EQ(Get().status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  // Lookups ignore what they ask for.
  EXPECT_FALSE(LookUp(v1::IMAGE_WISH_WAIT).has_image());
  EXPECT_TRUE(status_.ok());
}

class IsolatedDownloadTest : public DownloadPictureTest {
 protected:
  IsolatedDownloadTest() : DownloadPictureTest(/*isolates_tenants=*/true) {}
};

TEST_F(IsolatedDownloadTest, ATenantGetsOnlyTheImagesThatItMaySee) {
  const std::string acme = world_.MakeToken(
      "acme", {v1::RIGHT_LOOKUP, v1::RIGHT_IMAGES, v1::RIGHT_HISTORY});
  const std::string crm = world_.MakeToken(
      "crm", {v1::RIGHT_LOOKUP, v1::RIGHT_IMAGES, v1::RIGHT_HISTORY});
  ASSERT_TRUE(Get(kAnn, "", acme).status.ok());
  EXPECT_EQ(Get(kAnn, "1", acme).bytes, image_);
  EXPECT_EQ(Get(kAnn, "1", crm).reason(), "ERROR_REASON_NO_IMAGE");
  // Its own lookup asks WhatsApp again.
  const size_t asked = world_.sessions->taken();
  EXPECT_EQ(Get(kAnn, "", crm).bytes, image_);
  EXPECT_EQ(world_.sessions->taken(), asked + 1);
  // The picture before its first lookup stays hidden from it.
  id_ = "2";
  LookUp(v1::IMAGE_WISH_WAIT, /*refreshes=*/true, acme);
  const std::string late =
      world_.MakeToken("late", {v1::RIGHT_LOOKUP, v1::RIGHT_IMAGES});
  ASSERT_TRUE(Get(kAnn, "", late).status.ok());
  EXPECT_EQ(Get(kAnn, "1", late).reason(), "ERROR_REASON_NO_IMAGE");
}

}  // namespace
}  // namespace portrait
