// Tests the audit log's lines for calls over a gRPC channel.
#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "core/base/files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kAlice[] = "+13105551234";
constexpr char kAliceJid[] = "13105551234@s.whatsapp.net";
constexpr char kBob[] = "+4915112345678";
constexpr char kBobJid[] = "4915112345678@s.whatsapp.net";

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    auto audit = AuditLog::Open(*world_.stores.access, {.file = file_});
    EXPECT_TRUE(audit.ok()) << audit.status();
    audit_ = *std::move(audit);
    world_.audit = audit_.get();
    server_ = world_.Serve();
    channel_ = grpc::CreateChannel(server_->address(),
                                   grpc::InsecureChannelCredentials());
    pictures_ = v1::ProfilePictureService::NewStub(channel_);
    accounts_ = v1::SessionService::NewStub(channel_);
  }

  grpc::Status Get(const std::string& contact, const std::string& token) {
    v1::GetProfilePictureRequest request;
    request.set_contact(contact);
    v1::GetProfilePictureResponse response;
    return pictures_->GetProfilePicture(world_.ContextWithToken(token).get(),
                                        request, &response);
  }

  // Waits until there are `count` lines and returns them.
  std::vector<std::string> Lines(size_t count) {
    std::vector<std::string> lines;
    WaitUntil([&] {
      EXPECT_TRUE(audit_->Flush(kTestDeadline));
      lines = absl::StrSplit(*ReadFile(file_), '\n', absl::SkipEmpty());
      return lines.size() >= count;
    });
    EXPECT_THAT(lines, SizeIs(count));
    return lines;
  }
  // Matches `"name":"value"`.
  static auto Says(const std::string& name, const std::string& value) {
    return HasSubstr(absl::StrCat("\"", name, "\":\"", value, "\""));
  }
  auto IsAbout(const std::string& jid) {
    return Says("contact", audit_->ContactId(jid));
  }

  World world_;
  const std::string file_ = world_.folder.path() + "/audit.log";
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<PortraitServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ProfilePictureService::Stub> pictures_;
  std::unique_ptr<v1::SessionService::Stub> accounts_;
};

TEST_F(AuditTest, ALookupHasALineWithTokenContactAndOutcome) {
  const std::string token = world_.MakeLookupToken("acme");
  ASSERT_TRUE(Get(kAlice, token).ok());
  ASSERT_TRUE(Get(kAliceJid, token).ok());
  EXPECT_FALSE(Get("no contact", token).ok());
  const std::vector<std::string> lines = Lines(3);
  EXPECT_THAT(lines, Each(AllOf(Says("event", "lookup"), Says("tenant", "acme"),
                                HasSubstr("\"time\":\"20"),
                                HasSubstr("\"token\":\"acme-"))));
  EXPECT_THAT(lines[0], AllOf(IsAbout(kAliceJid), Says("outcome", "AVAILABLE"),
                              Says("source", "WHATSAPP")));
  EXPECT_THAT(lines[1], AllOf(IsAbout(kAliceJid), Says("outcome", "AVAILABLE"),
                              Says("source", "STORE")));
  EXPECT_THAT(lines[2], AllOf(Says("outcome", "INVALID_CONTACT"),
                              Not(HasSubstr("\"contact\""))));
  EXPECT_THAT(*ReadFile(file_),
              AllOf(Not(HasSubstr("3105551234")), Not(HasSubstr(token)),
                    Not(HasSubstr("no contact"))));
}

TEST_F(AuditTest, AStreamHasOneLineWithADigestOfItsList) {
  const std::string token = world_.MakeLookupToken("acme");
  const auto enrich = [&](const std::vector<std::string>& contacts) {
    const auto context = world_.ContextWithToken(token);
    const auto stream = pictures_->EnrichProfilePictures(context.get());
    v1::EnrichProfilePicturesRequest request;
    for (const std::string& contact : contacts) {
      request.add_items()->set_contact(contact);
    }
    ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
    v1::EnrichProfilePicturesResponse response;
    while (stream->Read(&response)) {
    }
    ASSERT_TRUE(stream->Finish().ok());
  };
  const auto digest = [](const std::string& line) {
    return line.substr(line.find("\"digest\":\""), 44);
  };
  enrich({kAlice, kBob, "no contact"});
  EXPECT_THAT(Lines(1)[0],
              AllOf(Says("event", "lookup"), Says("contacts", "3"),
                    Says("outcomes", "AVAILABLE=2 INVALID_CONTACT=1"),
                    Says("sources", "WHATSAPP=2")));
  // The same contacts in other spellings.
  enrich({"no contact", kBobJid, kAliceJid});
  const std::vector<std::string> same = Lines(2);
  EXPECT_THAT(same[1], Says("sources", "STORE=2"));
  EXPECT_EQ(digest(same[0]), digest(same[1]));
  enrich({kBob, kBob, "no contact"});
  EXPECT_NE(digest(Lines(3)[2]), digest(same[0]));
}

TEST_F(AuditTest, ANationalNumberHasTheIdOfItsContact) {
  const auto context = world_.ContextWithToken(world_.MakeLookupToken("acme"));
  v1::GetProfilePictureRequest request;
  request.set_contact("0151 12345678");
  request.mutable_options()->set_default_country("DE");
  v1::GetProfilePictureResponse response;
  ASSERT_TRUE(
      pictures_->GetProfilePicture(context.get(), request, &response).ok());
  EXPECT_THAT(Lines(1), Each(IsAbout(kBobJid)));
}

TEST_F(AuditTest, ALookupThatIsCancelledBeforeTheAnswerHasALine) {
  world_.sessions->Hold(true);
  const auto context = world_.ContextWithToken(world_.MakeLookupToken("acme"));
  const auto stream = pictures_->EnrichProfilePictures(context.get());
  v1::EnrichProfilePicturesRequest request;
  request.add_items()->set_contact(kAlice);
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(WaitUntil([&] { return world_.scheduler->depth().queued > 0; }));
  context->TryCancel();
  EXPECT_FALSE(stream->Finish().ok());
  const std::vector<std::string> lines = Lines(1);
  EXPECT_THAT(lines[0], AllOf(IsAbout(kAliceJid), Says("outcome", "GIVEN_UP")));
  world_.sessions->Hold(false);
}

TEST_F(AuditTest, ManagementErasureAndWatchesHaveLines) {
  v1::PauseSessionRequest pause;
  pause.set_session("alpha");
  v1::PauseSessionResponse paused;
  ASSERT_TRUE(
      accounts_->PauseSession(world_.Context().get(), pause, &paused).ok());
  pause.set_session("unknown");
  EXPECT_FALSE(
      accounts_->PauseSession(world_.Context().get(), pause, &paused).ok());
  v1::ForgetContactRequest forget;
  forget.set_contact(kAlice);
  v1::ForgetContactResponse forgotten;
  ASSERT_TRUE(
      pictures_->ForgetContact(world_.Context().get(), forget, &forgotten)
          .ok());
  const std::vector<std::string> lines = Lines(3);
  EXPECT_THAT(lines,
              Each(AllOf(Says("event", "call"), Says("tenant", "admin"))));
  EXPECT_THAT(lines[0], AllOf(Says("method", "SessionService/PauseSession"),
                              Says("target", "alpha"), Says("outcome", "OK")));
  EXPECT_THAT(lines[1],
              AllOf(Says("target", "unknown"), Says("outcome", "NOT_FOUND")));
  EXPECT_THAT(lines[2],
              AllOf(Says("method", "ProfilePictureService/ForgetContact"),
                    IsAbout(kAliceJid), Says("outcome", "OK")));
}

TEST_F(AuditTest, AWatchIsNotedWhenItBeginsAndWhenItEnds) {
  const auto context = world_.ContextWithToken(world_.MakeLookupToken("acme"));
  v1::WatchProfilePictureChangesRequest request;
  const auto watch =
      pictures_->WatchProfilePictureChanges(context.get(), request);
  EXPECT_THAT(Lines(1)[0],
              AllOf(Says("outcome", "BEGUN"), Says("tenant", "acme")));
  server_->Drain(absl::ZeroDuration());
  v1::WatchProfilePictureChangesResponse change;
  while (watch->Read(&change)) {
  }
  EXPECT_FALSE(watch->Finish().ok());
  EXPECT_THAT(Lines(2)[1], Says("outcome", "UNAVAILABLE"));
}

// With a line for each contact, this many watches would push all other lines
// out of the log.
TEST_F(AuditTest, WatchesOfManyContactsDoNotPushOutOtherLines) {
  ASSERT_TRUE(Get(kBob, world_.MakeLookupToken("victim")).ok());
  const std::string before = Lines(1)[0];
  constexpr size_t kWatches = 40;
  v1::WatchProfilePictureChangesRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.add_contacts(absl::StrCat(13105550000 + i));
  }
  const std::string token = world_.MakeLookupToken("acme");
  for (size_t i = 0; i < kWatches; ++i) {
    const auto context = world_.ContextWithToken(token);
    const auto stream =
        pictures_->WatchProfilePictureChanges(context.get(), request);
    v1::WatchProfilePictureChangesResponse start;
    EXPECT_TRUE(stream->Read(&start));
    context->TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }
  const std::vector<std::string> lines = Lines(1 + 2 * kWatches);
  EXPECT_EQ(lines[0], before);
  EXPECT_LT(ReadFile(file_)->size(), 1000 * lines.size());
}

TEST_F(AuditTest, CallersWithoutAValidTokenHaveNoLine) {
  EXPECT_EQ(Get(kAlice, "pt_unknown").error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  v1::ListSessionsResponse sessions;
  EXPECT_FALSE(accounts_
                   ->ListSessions(world_.ContextWithToken("pt_unknown").get(),
                                  {}, &sessions)
                   .ok());
  EXPECT_THAT(Lines(0), IsEmpty());
}

TEST_F(AuditTest, ACallThatNamesManyContactsHasOneLine) {
  const auto watch = [&](const std::string& last) {
    const auto context =
        world_.ContextWithToken(world_.MakeLookupToken("acme"));
    v1::WatchProfilePictureChangesRequest request;
    for (int i = 0; i < 99; ++i) {
      request.add_contacts(absl::StrCat(13105550000 + i));
    }
    request.add_contacts(last);
    const auto stream =
        pictures_->WatchProfilePictureChanges(context.get(), request);
    v1::WatchProfilePictureChangesResponse start;
    EXPECT_TRUE(stream->Read(&start));
    context->TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  };
  watch(kAlice);
  watch(kBob);
  // One line at the start of the call and one at its end.
  const std::vector<std::string> lines = Lines(4);
  EXPECT_THAT(lines,
              Each(AllOf(Says("contacts", "100"), HasSubstr("\"digest\":\""),
                         Not(HasSubstr("\"contact\"")))));
  std::set<std::string> digests;
  for (const std::string& line : lines) {
    digests.insert(line.substr(line.find("\"digest\":\""), 44));
  }
  EXPECT_EQ(digests.size(), 2u);
}

// Counts the contacts that it is asked to parse, and on which thread.
class CountingAudit final : public AuditLog {
 public:
  explicit CountingAudit(AuditLog& log) : log_(log) {}
  void Write(absl::string_view event, const Principal& caller,
             absl::Span<const Field> fields) override {
    log_.Write(event, caller, fields);
  }
  void WriteLater(absl::string_view event, const Principal& caller,
                  size_t bytes, std::function<MadeFields()> make) override {
    log_.WriteLater(event, caller, bytes, [this, make = std::move(make)] {
      making_thread = std::this_thread::get_id();
      return make();
    });
  }
  std::string ContactId(absl::string_view jid) const override {
    ++ids;
    {
      absl::MutexLock lock(&mu_);
      threads_.insert(std::this_thread::get_id());
    }
    if (std::this_thread::get_id() != making_thread) ++ids_elsewhere;
    return log_.ContactId(jid);
  }
  bool Flush(absl::Duration timeout) override { return log_.Flush(timeout); }
  uint64_t lost() const override { return log_.lost(); }

  // The threads that asked for the id of a contact.
  std::set<std::thread::id> threads() const {
    absl::MutexLock lock(&mu_);
    return threads_;
  }

  mutable std::atomic<int> ids = 0;
  // Calls outside the log's own thread.
  mutable std::atomic<int> ids_elsewhere = 0;
  std::atomic<std::thread::id> making_thread;

 private:
  AuditLog& log_;
  mutable absl::Mutex mu_;
  mutable std::set<std::thread::id> threads_ ABSL_GUARDED_BY(mu_);
};

// The threads on which lookups take turns.
std::set<std::thread::id> StoreThreadsOf(World& world) {
  constexpr int kThreads = 2;
  absl::Barrier* const all_run = new absl::Barrier(kThreads);
  std::set<std::thread::id> ids;
  absl::Mutex mu;
  absl::BlockingCounter done(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    world.store_threads.Post("test", [&] {
      if (all_run->Block()) delete all_run;
      {
        absl::MutexLock lock(&mu);
        ids.insert(std::this_thread::get_id());
      }
      done.DecrementCount();
    });
  }
  done.Wait();
  return ids;
}

TEST_F(AuditTest, AListsContactsAreReadOnceAndInTheTenantsTurns) {
  constexpr int kContacts = 1000;
  CountingAudit counting(*audit_);
  world_.audit = &counting;
  auto server = world_.Serve();
  pictures_ = v1::ProfilePictureService::NewStub(grpc::CreateChannel(
      server->address(), grpc::InsecureChannelCredentials()));
  // Contacts beyond the quota are refused, and noted as well.
  const auto context =
      world_.ContextWithToken(world_.MakeLookupToken("acme", /*quota=*/600));
  const auto stream = pictures_->EnrichProfilePictures(context.get());
  v1::EnrichProfilePicturesRequest request;
  for (int i = 0; i < kContacts; ++i) {
    request.add_items()->set_contact(absl::StrCat("+1 (310) 555-", 1000 + i));
  }
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  v1::EnrichProfilePicturesResponse response;
  while (stream->Read(&response)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(Lines(1)[0],
              AllOf(Says("contacts", "1000"), HasSubstr("QUOTA_EXCEEDED=400")));
  EXPECT_EQ(counting.ids, kContacts);
  EXPECT_THAT(counting.threads(), IsSubsetOf(StoreThreadsOf(world_)));
  server.reset();
}

TEST_F(AuditTest, OnlyAdmittedCallsHaveTheirContactsParsedAndOffGrpcsThreads) {
  CountingAudit counting(*audit_);
  world_.audit = &counting;
  server_ = world_.Serve();
  pictures_ = v1::ProfilePictureService::NewStub(grpc::CreateChannel(
      server_->address(), grpc::InsecureChannelCredentials()));
  v1::WatchProfilePictureChangesRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.add_contacts(absl::StrCat(13105550000 + i));
  }
  v1::WatchProfilePictureChangesResponse start;
  v1::Token lookup_only;
  lookup_only.set_tenant("acme");
  lookup_only.add_rights(v1::RIGHT_LOOKUP);
  for (const std::string& token :
       {std::string("pt_unknown"),
        world_.access->CreateToken(lookup_only)->secret}) {
    const auto context = world_.ContextWithToken(token);
    const auto stream =
        pictures_->WatchProfilePictureChanges(context.get(), request);
    EXPECT_FALSE(stream->Read(&start));
    EXPECT_FALSE(stream->Finish().ok());
  }
  EXPECT_TRUE(counting.Flush(kTestDeadline));
  EXPECT_EQ(counting.ids, 0);
  const auto context = world_.Context();
  const auto stream =
      pictures_->WatchProfilePictureChanges(context.get(), request);
  EXPECT_TRUE(stream->Read(&start));
  EXPECT_TRUE(WaitUntil([&] { return counting.ids >= 1000; }));
  EXPECT_EQ(counting.ids, 1000);
  EXPECT_EQ(counting.ids_elsewhere, 0);
  context->TryCancel();
  EXPECT_FALSE(stream->Finish().ok());
  server_.reset();
  EXPECT_TRUE(counting.Flush(kTestDeadline));
}

}  // namespace
}  // namespace portrait
