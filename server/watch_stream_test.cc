// Tests streams of changes, over a gRPC channel.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call_lanes.h"
#include "server/metered_store.h"
#include "server/testing/service_test_world.h"
#include "server/watch_stream.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Request = v1::WatchProfilePictureChangesRequest;
using Response = v1::WatchProfilePictureChangesResponse;

class Watch {
 public:
  Watch(const World& world, const Request& request)
      : context_(world.Context()),
        reader_(world.pictures->WatchProfilePictureChanges(context_.get(),
                                                           request)) {}
  ~Watch() {
    if (has_finished_) return;
    context_->TryCancel();
    reader_->Finish();
  }

  // The new picture ids of the next `count` changes.
  std::vector<std::string> Next(size_t count) {
    std::vector<std::string> ids;
    while (ids.size() < count && Read()) {
      for (const auto& change : response_.changes()) {
        ids.push_back(change.new_id());
      }
    }
    return ids;
  }
  bool Read() {
    if (!reader_->Read(&response_)) return false;
    token_ = response_.resume_token();
    return true;
  }
  const Response& response() const { return response_; }
  const std::string& token() const { return token_; }
  grpc::Status Finish() {
    Response ignored;
    while (reader_->Read(&ignored)) {
    }
    has_finished_ = true;
    return reader_->Finish();
  }

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  Response response_;
  std::string token_;
  bool has_finished_ = false;
};

struct HeldStoreMembers {
  std::unique_ptr<PictureStore> store;
  Metrics metrics;
};

// A store that answers no read of the change log until Release().
class HeldStore final : private HeldStoreMembers, public MeteredStore {
 public:
  explicit HeldStore(std::unique_ptr<PictureStore> kept)
      : HeldStoreMembers{std::move(kept), {}}, MeteredStore(*store, metrics) {}

  absl::StatusOr<std::vector<portrait::Change>> ReadChanges(
      uint64_t after, size_t limit) override {
    {
      absl::MutexLock lock(&mu_);
      ++held_;
      mu_.Await(absl::Condition(&released_));
      --held_;
    }
    return MeteredStore::ReadChanges(after, limit);
  }
  bool HoldsAll(int threads) {
    absl::MutexLock lock(&mu_);
    return held_ == threads;
  }
  void Release() {
    absl::MutexLock lock(&mu_);
    released_ = true;
  }

 private:
  absl::Mutex mu_;
  int held_ ABSL_GUARDED_BY(mu_) = 0;
  bool released_ ABSL_GUARDED_BY(mu_) = false;
};

class WatchStreamTest : public testing::Test {
 protected:
  // Stores a new picture of a contact, as if an account had seen it.
  void Change(const std::string& user, const std::string& id) {
    Observation seen;
    seen.jid = absl::StrCat(user, "@s.whatsapp.net");
    seen.registration = v1::REGISTRATION_REGISTERED;
    seen.state = v1::PICTURE_STATE_AVAILABLE;
    seen.picture_id = id;
    seen.observed_at = absl::Now();
    ASSERT_TRUE(world_.stores.pictures->Apply({seen}).ok());
  }
  grpc::Status Refusal(const Request& request) {
    auto context = world_.Context();
    Response ignored;
    auto reader =
        world_.pictures->WatchProfilePictureChanges(context.get(), request);
    while (reader->Read(&ignored)) {
    }
    return reader->Finish();
  }

  World world_;
};

TEST_F(WatchStreamTest, ReportsChangesFromNowOn) {
  Change("13105551230", "before");
  Watch watch(world_, {});
  ASSERT_TRUE(watch.Read());  // the message with the start position
  EXPECT_EQ(watch.response().changes_size(), 0);
  EXPECT_NE(watch.token(), "");
  Change("13105551234", "a");
  Change("13105551234", "b");
  EXPECT_THAT(watch.Next(2), ElementsAre("a", "b"));
  const auto& change = *watch.response().changes().rbegin();
  EXPECT_EQ(change.jid(), "13105551234@s.whatsapp.net");
  EXPECT_EQ(change.kind(), v1::CHANGE_KIND_REPLACED);
  EXPECT_EQ(change.old_id(), "a");
  EXPECT_EQ(change.sequence(), 3u);
  EXPECT_TRUE(change.has_observe_time());
}

TEST_F(WatchStreamTest, StartsFromNowWithAnyNumberOfContacts) {
  Change("13105551234", "before");
  Request request;
  // So many contacts that parsing them takes longer than a tick.
  for (int i = 0; i < kMaxWatchedContacts; ++i) {
    request.add_contacts(absl::StrCat("+1 (310) 555-", 1000 + i));
  }
  Watch watch(world_, request);
  ASSERT_TRUE(watch.Read());
  Watch of_all(world_, {});
  ASSERT_TRUE(of_all.Read());
  EXPECT_EQ(watch.token(), of_all.token());
  Change("13105551234", "after");
  EXPECT_THAT(watch.Next(1), ElementsAre("after"));
}

TEST_F(WatchStreamTest, ResumesWhereTheTokenWasGiven) {
  Request request;
  {
    Watch watch(world_, {});
    ASSERT_TRUE(watch.Read());
    Change("13105551234", "a");
    EXPECT_THAT(watch.Next(1), ElementsAre("a"));
    request.set_resume_token(watch.token());
  }
  Change("13105551234", "b");
  Change("13105551234", "c");
  Watch again(world_, request);
  EXPECT_THAT(again.Next(2), ElementsAre("b", "c"));
}

TEST_F(WatchStreamTest, GivesTheWholeLogInOrderAndInBatches) {
  Request request;
  request.set_resume_token("beginning");
  constexpr size_t kChanges = 2 * kMaxChangesPerMessage + 17;
  for (size_t i = 0; i < kChanges; ++i) {
    Change("13105551234", absl::StrCat(i));
  }
  Watch watch(world_, request);
  const std::vector<std::string> ids = watch.Next(kChanges);
  ASSERT_EQ(ids.size(), kChanges);
  for (size_t i = 0; i < kChanges; ++i) ASSERT_EQ(ids[i], absl::StrCat(i));
  EXPECT_LE(watch.response().changes_size(),
            static_cast<int>(kMaxChangesPerMessage));
}

TEST_F(WatchStreamTest, ReportsOnlyTheRequestedContacts) {
  Request request;
  request.add_contacts("+1 310 555 1234");
  Watch watch(world_, request);
  ASSERT_TRUE(watch.Read());
  Change("13105550000", "other");
  Change("13105551234", "a");
  Change("13105550000", "other2");
  Change("13105551234", "b");
  EXPECT_THAT(watch.Next(2), ElementsAre("a", "b"));
}

TEST_F(WatchStreamTest, ALidStandsForTheNumberItBelongsTo) {
  Observation seen;
  seen.jid = "13105551234@s.whatsapp.net";
  seen.lid = "100875997589545@lid";
  seen.registration = v1::REGISTRATION_REGISTERED;
  seen.observed_at = absl::Now() - absl::Minutes(1);
  ASSERT_TRUE(world_.stores.pictures->Apply({seen}).ok());
  Request request;
  request.add_contacts("100875997589545@lid");
  Watch watch(world_, request);
  ASSERT_TRUE(watch.Read());
  Change("13105551234", "a");
  EXPECT_THAT(watch.Next(1), ElementsAre("a"));
}

TEST_F(WatchStreamTest, TheHeartbeatsTokenSkipsFilteredChanges) {
  Request request;
  request.add_contacts("+13105551234");
  Watch watch(world_, request);
  ASSERT_TRUE(watch.Read());
  const std::string first = watch.token();
  Change("13105550000", "other");
  while (watch.token() == first) ASSERT_TRUE(watch.Read());
  EXPECT_EQ(watch.response().changes_size(), 0);
}

TEST_F(WatchStreamTest, WrongRequestsAreRefusedNamingTheField) {
  Request token, ahead, contact, many;
  token.set_resume_token("hello");
  ahead.set_resume_token(MakeResumeToken(1000));
  contact.add_contacts("+13105551234");
  contact.add_contacts("no number");
  for (int i = 0; i <= kMaxWatchedContacts; ++i) many.add_contacts("+1");
  const std::vector<std::pair<Request, std::string>> cases = {
      {token, "resume_token"},
      {ahead, "resume_token"},
      {contact, "contacts[1]"},
      {many, "contacts"}};
  for (const auto& [request, field] : cases) {
    SCOPED_TRACE(field);
    const grpc::Status status = Refusal(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(field));
    EXPECT_EQ(DetailsOf(status).field(), field);
  }
}

TEST(WatchTurnsTest, ContactsAreParsedInATurnAndNotOnGrpcsThread) {
  Stores stores = NewMemoryStores();
  auto held = std::make_unique<HeldStore>(std::move(stores.pictures));
  HeldStore& store = *held;
  stores.pictures = std::move(held);
  World world(std::move(stores));
  std::vector<std::unique_ptr<Watch>> busy;
  for (size_t i = 0; i < CallLanes::kThreads; ++i) {
    busy.push_back(std::make_unique<Watch>(world, Request()));
  }
  ASSERT_TRUE(WaitUntil([&] { return store.HoldsAll(CallLanes::kThreads); }));

  Request request;
  request.add_contacts("no number");
  Watch watch(world, request);
  std::atomic<bool> has_ended = false;
  grpc::Status ended;
  std::thread reader([&] {
    ended = watch.Finish();
    has_ended = true;
  });
  // Each of these calls is answered after gRPC has received the watch.
  for (int i = 0; i < 20; ++i) {
    v1::GetProfilePictureResponse response;
    v1::GetProfilePictureRequest lookup;
    lookup.set_contact("no number");
    world.pictures->GetProfilePicture(world.Context().get(), lookup, &response);
  }
  EXPECT_FALSE(has_ended);
  store.Release();
  reader.join();
  EXPECT_EQ(DetailsOf(ended).field(), "contacts[0]");
}

TEST_F(WatchStreamTest, ManyWatchersAndCancellationsDoNotInterfere) {
  Watch steady(world_, {});
  ASSERT_TRUE(steady.Read());
  for (int i = 0; i < 50; ++i) {
    Watch passing(world_, {});
    if (i % 2 == 0) {
      ASSERT_TRUE(passing.Read());
    }
    Change("13105551234", absl::StrCat(i));
  }
  const std::vector<std::string> ids = steady.Next(50);
  ASSERT_EQ(ids.size(), 50u);
  EXPECT_EQ(ids.back(), "49");
}

}  // namespace
}  // namespace portrait
