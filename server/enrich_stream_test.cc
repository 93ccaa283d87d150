// Tests bulk streams over a gRPC channel.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/enrich_stream.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using Request = v1::EnrichProfilePicturesRequest;
using Response = v1::EnrichProfilePicturesResponse;
using Stream = grpc::ClientReaderWriter<Request, Response>;

// "+13105550000", …: a different number for each of ten million values.
std::string PhoneNumber(int i) { return absl::StrFormat("+1310%07d", i); }

Request MakeRequest(int first, int count) {
  Request request;
  for (int i = first; i < first + count; ++i) {
    v1::EnrichItem* item = request.add_items();
    item->set_tag(i);
    item->set_contact(PhoneNumber(2'000'000 + i));
  }
  return request;
}

class EnrichStreamTest : public testing::Test {
 protected:
  std::unique_ptr<Stream> Open() {
    context_ = world_.Context();
    return world_.pictures->EnrichProfilePictures(context_.get());
  }

  // Reads until the stream ends; keeps the results by tag, and the last
  // message.
  void ReadAll(Stream& stream) {
    Response response;
    while (stream.Read(&response)) {
      for (const v1::EnrichResult& result : response.results()) {
        ++times_[result.tag()];
        results_[result.tag()] = result;
      }
      last_ = response;
    }
  }

  // Returns the status of a stream of these messages.
  grpc::Status Send(const std::vector<Request>& requests) {
    auto stream = Open();
    for (const Request& request : requests) stream->Write(request);
    stream->WritesDone();
    ReadAll(*stream);
    return stream->Finish();
  }

  World world_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::map<uint64_t, int> times_;
  std::map<uint64_t, v1::EnrichResult> results_;
  Response last_;
};

TEST_F(EnrichStreamTest, EveryItemHasOneResultAndTheLastMessageTheTotals) {
  constexpr int kMessages = 20;
  auto stream = Open();
  std::thread writer([&stream] {
    for (int i = 0; i < kMessages; ++i) {
      ASSERT_TRUE(stream->Write(MakeRequest(i * 1000, 1000)));
    }
    stream->WritesDone();
  });
  ReadAll(*stream);
  writer.join();
  ASSERT_TRUE(stream->Finish().ok());
  ASSERT_EQ(times_.size(), kMessages * 1000u);
  for (const auto& [tag, times] : times_) ASSERT_EQ(times, 1) << tag;
  for (const auto& [tag, result] : results_) {
    ASSERT_EQ(result.profile_picture().id(),
              absl::StrCat("id-", PhoneNumber(2'000'000 + tag).substr(1)));
  }
  const v1::EnrichProgress& progress = last_.progress();
  EXPECT_EQ(progress.received(), kMessages * 1000u);
  EXPECT_EQ(progress.completed(), kMessages * 1000u);
  EXPECT_EQ(progress.from_whatsapp(), kMessages * 1000u);
  EXPECT_EQ(progress.from_store(), 0u);
  EXPECT_EQ(progress.failed(), 0u);
  // All are seen for the first time.
  EXPECT_EQ(progress.changed(), kMessages * 1000u);
  EXPECT_EQ(progress.sessions_ready(), 1u);
}

TEST_F(EnrichStreamTest, AnEmptyStreamEndsWellAtOnce) {
  EXPECT_TRUE(Send({}).ok());
  EXPECT_EQ(last_.progress().received(), 0u);
  EXPECT_TRUE(Send({Request(), Request()}).ok());
}

TEST_F(EnrichStreamTest, AFailedItemIsAResultAndTheStreamGoesOn) {
  Request request = MakeRequest(0, 3);
  request.mutable_items(1)->set_contact("hello");
  ASSERT_TRUE(Send({request}).ok());
  ASSERT_EQ(results_.size(), 3u);
  EXPECT_EQ(results_[1].error().reason(), v1::ERROR_REASON_INVALID_CONTACT);
  EXPECT_TRUE(results_[2].has_profile_picture());
  EXPECT_EQ(last_.progress().failed(), 1u);
  EXPECT_EQ(last_.progress().completed(), 3u);
}

TEST_F(EnrichStreamTest, AnItemsCountryReplacesTheStreams) {
  Request request;
  request.mutable_options()->set_default_country("DE");
  const auto add = [&request](const char* contact, const char* country) {
    v1::EnrichItem& item = *request.add_items();
    item.set_tag(static_cast<uint64_t>(request.items_size()));
    item.set_contact(contact);
    item.set_country(country);
  };
  add("0171 2345678", "");
  add("(310) 555-1234", "US");
  add("+13105551234", "Austria");
  add("0171 2345678", "EU");
  ASSERT_TRUE(Send({request}).ok());
  EXPECT_EQ(results_[1].profile_picture().phone_number(), "+491712345678");
  EXPECT_EQ(results_[2].profile_picture().phone_number(), "+13105551234");
  for (const uint64_t tag : {3, 4}) {
    EXPECT_EQ(results_[tag].error().reason(), v1::ERROR_REASON_INVALID_CONTACT);
    EXPECT_THAT(results_[tag].error().message(), HasSubstr("ISO 3166"));
  }
}

TEST_F(EnrichStreamTest, IdenticalContactsAndTagsEachHaveTheirResult) {
  Request request;
  for (int i = 0; i < 10; ++i)
    *request.add_items() = MakeRequest(5, 1).items(0);
  ASSERT_TRUE(Send({request}).ok());
  EXPECT_EQ(times_[5], 10);
  EXPECT_EQ(world_.sessions->taken(), 1u);
}

TEST_F(EnrichStreamTest, WrongRequestsEndTheStreamNamingTheField) {
  Request options_later = MakeRequest(1, 1);
  options_later.mutable_options()->set_size(v1::PICTURE_SIZE_NONE);
  Request negative_age;
  negative_age.mutable_options()->mutable_max_age()->set_nanos(-1);
  Request no_such_session;
  no_such_session.mutable_options()->set_session("beta");
  Request no_such_size;
  no_such_size.mutable_options()->set_size(static_cast<v1::PictureSize>(9));
  const std::vector<std::pair<std::vector<Request>, std::string>> cases = {
      {{MakeRequest(0, 1), options_later}, "options"},
      {{MakeRequest(0, 1001)}, "items"},
      {{negative_age}, "options.max_age"},
      {{no_such_session}, "options.session"},
      {{no_such_size}, "options.size"},
  };
  for (const auto& [requests, field] : cases) {
    SCOPED_TRACE(field);
    const grpc::Status status = Send(requests);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(field));
    EXPECT_EQ(DetailsOf(status).field(), field);
    EXPECT_EQ(DetailsOf(status).info.domain(), "portrait");
  }
}

TEST_F(EnrichStreamTest, ReportsProgressWhileNothingIsAnswered) {
  world_.sessions->Hold(true);
  auto stream = Open();
  ASSERT_TRUE(stream->Write(MakeRequest(0, 7)));
  for (int i = 0; i < 2; ++i) {
    Response response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.results_size(), 0);
    EXPECT_EQ(response.progress().received(), 7u);
    EXPECT_EQ(response.progress().completed(), 0u);
    EXPECT_EQ(response.progress().sessions_ready(), 1u);
  }
  world_.sessions->Hold(false);
  stream->WritesDone();
  ReadAll(*stream);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(results_.size(), 7u);
}

TEST_F(EnrichStreamTest, AClientThatDoesNotReadIsBlockedNotBuffered) {
  constexpr int kMessages = 1000;
  // The maximum number of items in the buffers between client and server. On a
  // fast connection these grow to some megabytes, and a result has at least 30
  // bytes.
  constexpr size_t kMaxOnTheWay = 150 * kMaxItemsPerMessage;
  auto stream = Open();
  std::atomic<int> sent = 0;
  std::atomic<bool> enough = false;
  std::thread writer([&] {
    while (!enough && sent < kMessages &&
           stream->Write(MakeRequest(sent * 1000, 1000))) {
      ++sent;
    }
  });
  // Wait until the number of accepted messages no longer changes.
  size_t taken = 0;
  absl::Time since = absl::Now();
  ASSERT_TRUE(WaitUntil([&] {
    if (const size_t now = world_.sessions->taken(); now != taken) {
      taken = now;
      since = absl::Now();
    }
    return taken > 0 && absl::Now() - since > absl::Seconds(1);
  }));
  EXPECT_LE(taken, kEnrichWindowItems + kMaxOnTheWay);
  EXPECT_LT(sent, kMessages);
  // The client starts to read, and no result is missing.
  enough = true;
  std::thread reader([&] { ReadAll(*stream); });
  writer.join();
  stream->WritesDone();
  reader.join();
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(results_.size(), sent * 1000u);
}

TEST_F(EnrichStreamTest, CancellingAtAnyMomentLeavesNothingBehind) {
  for (int round = 0; round < 30; ++round) {
    world_.sessions->Hold(round % 3 == 0);
    auto stream = Open();
    for (int i = 0; i < round % 5; ++i) {
      stream->Write(MakeRequest(round * 5000 + i * 1000, 1000));
    }
    if (round % 2 == 0) {
      Response response;
      if (round % 5 > 0 && round % 3 != 0) stream->Read(&response);
    }
    context_->TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }
  EXPECT_TRUE(WaitUntil([this] {
    const Scheduler::Depth depth = world_.scheduler->depth();
    return depth.queued == 0 && depth.in_flight == 0;
  }));
  world_.sessions->Hold(false);
  ASSERT_TRUE(Send({MakeRequest(0, 10)}).ok());
}

}  // namespace
}  // namespace portrait
