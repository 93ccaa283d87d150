#include "core/lookup/lookup_engine.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "core/base/proto_time.h"
#include "core/lookup/testing/lookup_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kNumber[] = "13105551234";
constexpr char kJid[] = "13105551234@s.whatsapp.net";

// A store that can be told to fail.
class FailingStore : public PictureStore {
 public:
  explicit FailingStore(PictureStore& store) : store_(store) {}

  // Fails as a database does: a damaged record fails its contact only, any
  // other error fails the call.
  absl::Status Read(absl::Span<const absl::string_view> jids,
                    OnStored on_stored) override {
    if (get_error.ok()) return store_.Read(jids, on_stored);
    if (bad_jid.empty()) return get_error;
    return store_.Read(jids, [&](size_t i, const StoredView& read) {
      StoredView failed;
      failed.status = get_error;
      on_stored(i, jids[i] == bad_jid ? failed : read);
    });
  }
  absl::StatusOr<std::vector<ApplyResult>> Apply(
      absl::Span<const Observation> observations) override {
    std::vector<std::string> jids;
    for (const Observation& each : observations) jids.push_back(each.jid);
    if (!apply_error.ok() && Concerns(jids)) return apply_error;
    return store_.Apply(observations);
  }
  absl::StatusOr<std::vector<Change>> ReadChanges(uint64_t after,
                                                  size_t limit) override {
    return store_.ReadChanges(after, limit);
  }
  absl::StatusOr<std::vector<Change>> ReadHistory(absl::string_view jid,
                                                  uint64_t before,
                                                  size_t limit) override {
    return store_.ReadHistory(jid, before, limit);
  }
  uint64_t last_sequence() const override { return store_.last_sequence(); }
  uint64_t forget_count() const override { return store_.forget_count(); }
  absl::StatusOr<uint64_t> Forget(absl::string_view jid,
                                  bool suppress) override {
    return store_.Forget(jid, suppress);
  }
  absl::Status Tie(absl::Span<const ContactTie> ties) override {
    return store_.Tie(ties);
  }
  absl::StatusOr<Untied> Untie(absl::string_view jid, uint32_t tenant,
                               bool erase_untied) override {
    return store_.Untie(jid, tenant, erase_untied);
  }
  absl::StatusOr<std::vector<StoredObjection>> ListObjections(
      absl::string_view after, size_t limit) override {
    return store_.ListObjections(after, limit);
  }
  std::string ObjectionIdOf(absl::string_view jid) const override {
    return store_.ObjectionIdOf(jid);
  }
  absl::StatusOr<uint64_t> RemoveObjection(absl::string_view id) override {
    return store_.RemoveObjection(id);
  }
  void SetChangeListener(std::function<void()> listener) override {
    store_.SetChangeListener(std::move(listener));
  }

  // Set only while no lookup is under way. If `bad_jid` is empty, every contact
  // fails.
  absl::Status get_error, apply_error;
  std::string bad_jid;

 private:
  bool Concerns(absl::Span<const std::string> jids) const {
    return bad_jid.empty() ||
           std::find(jids.begin(), jids.end(), bad_jid) != jids.end();
  }

  PictureStore& store_;
};

class LookupEngineTest : public LookupTest {
 protected:
  LookupEngineTest() {
    MakeEngine(store_, {.max_urgent_wait = absl::Seconds(30)});
  }
  ~LookupEngineTest() override { engine_.reset(); }  // it uses `store_`

  static LookupRequest Urgent(absl::Time deadline = absl::InfiniteFuture()) {
    LookupRequest request;
    request.urgent = true;
    request.deadline = deadline;
    return request;
  }
  static LookupRequest AlwaysAsk(v1::PictureSize size = v1::PICTURE_SIZE_FULL) {
    LookupRequest request;
    request.size = size;
    request.max_age = absl::ZeroDuration();
    return request;
  }

  // Looks up a contact whose picture has id "7".
  v1::ProfilePicture LookUpOnce(const std::string& text = kNumber) {
    const auto sink = Lookup({text}, AlwaysAsk());
    const std::vector<ContactTask> tasks = Take();
    EXPECT_THAT(tasks, SizeIs(1));
    Complete(tasks[0], Seen(tasks[0], "7", clock_.Now()));
    return sink->WaitForOne().profile_picture();
  }

  FailingStore store_{*stores_.pictures};
};

TEST_F(LookupEngineTest, AsksOnceThenAnswersFromTheStoreWhileFresh) {
  const v1::ProfilePicture asked = LookUpOnce();
  EXPECT_EQ(asked.jid(), kJid);
  EXPECT_EQ(asked.id(), "7");
  EXPECT_EQ(asked.url(), "https://cdn.example/7");
  EXPECT_EQ(asked.source(), v1::SOURCE_WHATSAPP);
  EXPECT_EQ(asked.session(), "s");

  clock_.Advance(absl::Hours(23));
  const v1::ProfilePicture stored =
      Lookup({"+1 310 555 1234"})->WaitForOne().profile_picture();
  EXPECT_EQ(stored.source(), v1::SOURCE_STORE);
  EXPECT_EQ(stored.url(), "https://cdn.example/7");

  clock_.Advance(absl::Hours(2));
  const auto sink = Lookup({kNumber});
  EXPECT_THAT(Take(), SizeIs(1));
}

TEST_F(LookupEngineTest, ACallerWithoutTheRightLearnsNoAccount) {
  directory_.SetOwn("4915112345678");
  LookupRequest request;
  request.tells_accounts = false;
  const auto sink = Lookup({"+49 151 12345678"}, request);
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  Complete(tasks[0], Seen(tasks[0], "7", clock_.Now()));
  const v1::ProfilePicture asked = sink->WaitForOne().profile_picture();
  EXPECT_EQ(asked.id(), "7");
  EXPECT_EQ(asked.session(), "");
  const v1::ProfilePicture stored =
      Lookup({"+49 151 12345678"}, request)->WaitForOne().profile_picture();
  EXPECT_EQ(stored.source(), v1::SOURCE_STORE);
  EXPECT_EQ(stored.session(), "");
}

TEST_F(LookupEngineTest, EachItemHasOneResultWithItsTag) {
  LookUpOnce();
  directory_.SetOwn("4915112345678");
  ASSERT_TRUE(store_.Forget("358401234567@s.whatsapp.net", true).ok());
  const auto sink = Lookup({kNumber, "nonsense", "+49 151 12345678",
                            "358401234567", "13105550000", "13105550000"});
  // 1. Results that need no answer from WhatsApp arrive at once, together.
  std::vector<LookupResult> results = sink->Wait(4);
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_EQ(sink->calls(), 1);
  std::map<uint64_t, v1::ErrorReason> reasons;
  for (const LookupResult& each : results) {
    reasons[each.result.tag()] = each.result.error().reason();
  }
  EXPECT_EQ(reasons[1], v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(reasons[2], v1::ERROR_REASON_INVALID_CONTACT);
  EXPECT_EQ(reasons[3], v1::ERROR_REASON_OWN_NUMBER);
  EXPECT_EQ(reasons[4], v1::ERROR_REASON_SUPPRESSED);
  // 2. A repeated contact is asked for once and answered twice.
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  Complete(tasks[0], Seen(tasks[0], "", clock_.Now()));
  results = sink->Wait(6);
  ASSERT_THAT(results, SizeIs(6));
  EXPECT_EQ(sink->calls(), 2);
  for (size_t i = 4; i < 6; ++i) {
    EXPECT_EQ(results[i].result.profile_picture().state(),
              v1::PICTURE_STATE_NOT_SET);
  }
}

TEST_F(LookupEngineTest, ReportsTheLookupThatFoundAChange) {
  LookUpOnce();
  for (const bool changed : {true, false}) {
    const auto sink = Lookup({kNumber}, AlwaysAsk());
    const std::vector<ContactTask> tasks = Take();
    ASSERT_THAT(tasks, SizeIs(1));
    Complete(tasks[0], Seen(tasks[0], "8", clock_.Now()));
    const std::vector<LookupResult> results = sink->Wait(1);
    ASSERT_THAT(results, SizeIs(1));
    EXPECT_EQ(results[0].changed, changed);
    EXPECT_EQ(results[0].result.profile_picture().previous_id(), "7");
  }
}

TEST_F(LookupEngineTest, AnExistingIdThatIsCurrentNeedsNoUrl) {
  LookUpOnce();
  EXPECT_EQ(Lookup({kNumber}, {}, "7")->WaitForOne().profile_picture().state(),
            v1::PICTURE_STATE_UNCHANGED);
  const auto sink = Lookup({kNumber}, AlwaysAsk(), "7");
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].existing_id, "7");
  EXPECT_EQ(tasks[0].full_url, UrlNeed::kIfIdChanged);
  Complete(tasks[0], Seen(tasks[0], "7", clock_.Now()));
  const v1::ProfilePicture picture = sink->WaitForOne().profile_picture();
  EXPECT_EQ(picture.state(), v1::PICTURE_STATE_UNCHANGED);
  EXPECT_EQ(picture.url(), "");
  EXPECT_EQ(picture.source(), v1::SOURCE_WHATSAPP);
}

TEST_F(LookupEngineTest, AUrlThatExpiredInTheQueueIsAskedForAgain) {
  LookUpOnce();
  const auto sink = Lookup({kNumber}, AlwaysAsk());
  std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].full_url, UrlNeed::kIfIdChanged);
  clock_.Advance(absl::Hours(48));
  Complete(tasks[0], Seen(tasks[0], "7", clock_.Now()));
  tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].full_url, UrlNeed::kAlways);
  Complete(tasks[0], Seen(tasks[0], "7", clock_.Now()));
  const v1::ProfilePicture picture = sink->WaitForOne().profile_picture();
  EXPECT_EQ(picture.url(), "https://cdn.example/7");
  EXPECT_GT(FromProto(picture.url_expire_time()), clock_.Now());
}

TEST_F(LookupEngineTest, AnAnswerWithoutThePictureIsAnError) {
  LookUpOnce();
  clock_.Advance(absl::Minutes(1));
  const auto sink = Lookup({kNumber}, AlwaysAsk());
  for (int i = 0; i < 2; ++i) {
    const std::vector<ContactTask> tasks = Take();
    ASSERT_THAT(tasks, SizeIs(1));
    Observation seen = Seen(tasks[0], "7", clock_.Now());
    seen.state.reset();
    Complete(tasks[0], seen);
  }
  EXPECT_EQ(sink->WaitForOne().error().reason(),
            v1::ERROR_REASON_UPSTREAM_ERROR);
}

TEST_F(LookupEngineTest, ASessionsFailureIsTheAnswer) {
  const auto sink = Lookup({kNumber});
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  std::vector<TaskResult> results;
  results.push_back(
      {tasks[0].id, LookupFailure{v1::ERROR_REASON_UPSTREAM_TIMEOUT,
                                  "no reply within 20s", absl::Seconds(5)}});
  scheduler_->Complete(std::move(results));
  const v1::LookupError error = sink->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_UPSTREAM_TIMEOUT);
  EXPECT_EQ(error.message(), "no reply within 20s");
  EXPECT_EQ(error.retry_after().seconds(), 5);
}

TEST_F(LookupEngineTest, NotificationsAreStored) {
  LookUpOnce();
  ContactTask task;
  task.contact.jid = whatsapp::PhoneNumberJid(kNumber);
  scheduler_->Observe(Seen(task, "8", clock_.Now() + absl::Seconds(1)));
  // Results are applied in order, so this lookup waits until the observation is
  // stored.
  LookUpOnce("13105550000");
  EXPECT_EQ(Lookup({kNumber}, {}, "8")->WaitForOne().profile_picture().state(),
            v1::PICTURE_STATE_UNCHANGED);
}

// ---- the store fails -------------------------------------------------------

TEST_F(LookupEngineTest, AFailedReadIsAStorageError) {
  store_.get_error = absl::UnavailableError("the disk is full");
  const v1::LookupError error = Lookup({kNumber})->WaitForOne().error();
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_STORAGE);
  EXPECT_THAT(error.message(), HasSubstr("the disk is full"));
  EXPECT_TRUE(error.has_retry_after());
}

TEST_F(LookupEngineTest, ADamagedRecordAffectsOnlyItsContact) {
  LookUpOnce("13105550000");
  store_.get_error = absl::DataLossError("checksum");
  store_.bad_jid = kJid;
  const std::vector<LookupResult> results =
      Lookup({kNumber, "13105550000"})->Wait(2);
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].result.error().reason(), v1::ERROR_REASON_STORAGE);
  EXPECT_FALSE(results[0].result.error().has_retry_after());
  EXPECT_EQ(results[1].result.profile_picture().id(), "7");
}

TEST_F(LookupEngineTest, AnAnswerThatCannotBeStoredIsAnError) {
  store_.apply_error = absl::UnavailableError("the disk is full");
  const auto sink = Lookup({kNumber, "13105550000"});
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(2));
  for (const ContactTask& task : tasks) {
    Complete(task, Seen(task, "7", clock_.Now()));
  }
  for (const LookupResult& each : sink->Wait(2)) {
    EXPECT_EQ(each.result.error().reason(), v1::ERROR_REASON_STORAGE);
  }
}

TEST_F(LookupEngineTest, AnObservationThatCannotBeStoredAffectsOnlyItsContact) {
  store_.apply_error = absl::InvalidArgumentError("no key");
  store_.bad_jid = kJid;
  const auto sink = Lookup({kNumber, "13105550000"});
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(2));
  std::vector<TaskResult> seen;
  for (const ContactTask& task : tasks) {
    seen.push_back({task.id, Seen(task, "7", clock_.Now())});
  }
  scheduler_->Complete(std::move(seen));
  const std::vector<LookupResult> results = sink->Wait(2);
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].result.error().reason(), v1::ERROR_REASON_STORAGE);
  EXPECT_EQ(results[1].result.profile_picture().id(), "7");
}

TEST_F(LookupEngineTest, AContactThatObjectsMeanwhileIsNotShown) {
  const auto sink = Lookup({kNumber});
  const std::vector<ContactTask> tasks = Take();
  ASSERT_THAT(tasks, SizeIs(1));
  ASSERT_TRUE(store_.Forget(kJid, /*suppress=*/true).ok());
  Complete(tasks[0], Seen(tasks[0], "7", clock_.Now()));
  EXPECT_EQ(sink->WaitForOne().error().reason(), v1::ERROR_REASON_SUPPRESSED);
}

// Two callers' spellings that a library has to read would hold up the threads
// that serve everyone.
TEST_F(LookupEngineTest, ASpellingIsReadInTheTenantsTurnAndAPlainNumberAtOnce) {
  absl::Notification go_on;
  absl::BlockingCounter busy(2), left(2);
  for (int thread = 0; thread < 2; ++thread) {
    store_threads_.Post("another", [&] {
      busy.DecrementCount();
      go_on.WaitForNotification();
      left.DecrementCount();
    });
  }
  busy.Wait();
  const auto spelled = Lookup({"+1 (310) 555-9876"}, Urgent());
  EXPECT_EQ(scheduler_->depth().queued, 0u);
  const auto plain = Lookup({"+13105550000"}, Urgent());
  EXPECT_EQ(scheduler_->depth().queued, 1u);
  go_on.Notify();
  for (int i = 0; i < 2; ++i) {
    for (const ContactTask& task : Take(1)) {
      Complete(task, Seen(task, "7", clock_.Now()));
    }
  }
  EXPECT_EQ(spelled->WaitForOne().profile_picture().id(), "7");
  EXPECT_EQ(plain->WaitForOne().profile_picture().id(), "7");
  left.Wait();
}

}  // namespace
}  // namespace portrait
