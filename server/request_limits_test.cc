// Tests limits for every caller: size of messages and metadata, number of
// streams and connections, idle time.
#include <malloc.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using Stream = grpc::ClientReaderWriter<v1::EnrichProfilePicturesRequest,
                                        v1::EnrichProfilePicturesResponse>;

constexpr absl::Duration kTick = absl::Milliseconds(10);

class RequestLimitsTest : public testing::Test {
 protected:
  RequestLimitsTest() { options_.streams.tick = kTick; }
  ~RequestLimitsTest() override {
    for (const auto& context : contexts_) context->TryCancel();
  }

  void Serve() {
    server_ = world_.Serve(options_);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel(
        server_->address(), grpc::InsecureChannelCredentials(), arguments);
    pictures_ = v1::ProfilePictureService::NewStub(channel_);
  }

  std::unique_ptr<Stream> Open() {
    contexts_.push_back(world_.Context());
    return pictures_->EnrichProfilePictures(contexts_.back().get());
  }
  // Opens a stream and waits until its item is answered.
  std::unique_ptr<Stream> OpenAndAsk() {
    auto stream = Open();
    v1::EnrichProfilePicturesRequest request;
    request.add_items()->set_contact("+13105551234");
    EXPECT_TRUE(stream->Write(request));
    v1::EnrichProfilePicturesResponse response;
    EXPECT_TRUE(stream->Read(&response));
    return stream;
  }

  grpc::Status Get(grpc::ClientContext* context,
                   const std::string& contact = "+13105551234") {
    v1::GetProfilePictureRequest request;
    request.set_contact(contact);
    v1::GetProfilePictureResponse response;
    return pictures_->GetProfilePicture(context, request, &response);
  }

  World world_;
  ServerOptions options_;
  std::unique_ptr<PortraitServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ProfilePictureService::Stub> pictures_;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts_;
};

TEST_F(RequestLimitsTest, AMessageOfMoreThanFourMebibytesIsRefused) {
  Serve();
  EXPECT_EQ(Get(world_.Context().get(), std::string(3 << 20, '1')).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Get(world_.Context().get(), std::string(5 << 20, '1')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(RequestLimitsTest, ACompressedMessageIsRefused) {
  Serve();
  auto context = world_.Context();
  context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
  EXPECT_EQ(Get(context.get()).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(RequestLimitsTest, MetadataOfMoreThanSixteenKibibytesIsRefused) {
  Serve();
  const auto call = [this](size_t bytes) {
    auto context = world_.Context();
    context->AddMetadata("x-more", std::string(bytes, 'x'));
    return Get(context.get()).error_code();
  };
  EXPECT_EQ(call(8 << 10), grpc::StatusCode::OK);
  EXPECT_EQ(call(17 << 10), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(RequestLimitsTest, FurtherStreamsOfAConnectionWait) {
  options_.max_connection_streams = 2;
  Serve();
  const auto first = OpenAndAsk(), second = OpenAndAsk();
  auto context = world_.Context();
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
  EXPECT_EQ(Get(context.get()).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  contexts_.front()->TryCancel();
  first->Finish();
  EXPECT_TRUE(Get(world_.Context().get()).ok());
}

TEST_F(RequestLimitsTest, AnIdleStreamEnds) {
  options_.streams.idle_timeout = 20 * kTick;
  Serve();
  const auto stream = OpenAndAsk();
  v1::EnrichProfilePicturesResponse response;
  while (stream->Read(&response)) {
  }
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(),
              HasSubstr("no message in either direction"));
}

TEST_F(RequestLimitsTest, AStreamWithPendingItemsIsNotIdle) {
  options_.streams.idle_timeout = 20 * kTick;
  Serve();
  world_.sessions->Hold(true);
  auto stream = Open();
  v1::EnrichProfilePicturesRequest request;
  request.add_items()->set_contact("+13105551234");
  ASSERT_TRUE(stream->Write(request));
  v1::EnrichProfilePicturesResponse response;
  // Reads progress messages for many times the idle timeout.
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(stream->Read(&response)) << i;
  world_.sessions->Hold(false);
  ASSERT_TRUE(WaitUntil(
      [&] { return stream->Read(&response) && response.results_size() == 1; }));
}

TEST_F(RequestLimitsTest, APairingStreamIsNeverIdle) {
  options_.streams.idle_timeout = 20 * kTick;
  Serve();
  auto accounts = v1::SessionService::NewStub(channel_);
  contexts_.push_back(world_.Context());
  auto pairing = accounts->PairSession(contexts_.back().get(), {});
  ASSERT_TRUE(
      WaitUntil([this] { return world_.sessions->pairing() != nullptr; }));
  // Two streams become idle and end one after the other; the busy one stays
  // open.
  for (int i = 0; i < 2; ++i) {
    const auto stream = OpenAndAsk();
    v1::EnrichProfilePicturesResponse response;
    while (stream->Read(&response)) {
    }
  }
  EXPECT_FALSE(world_.sessions->pairing_abandoned());
}

TEST_F(RequestLimitsTest, AnOldConnectionIsClosed) {
  options_.connection_age = absl::Milliseconds(500);
  Serve();
  ASSERT_TRUE(Get(world_.Context().get()).ok());
  EXPECT_EQ(channel_->GetState(false), GRPC_CHANNEL_READY);
  EXPECT_TRUE(WaitUntil(
      [this] { return channel_->GetState(false) != GRPC_CHANNEL_READY; }));
  EXPECT_TRUE(Get(world_.Context().get()).ok());
}

TEST_F(RequestLimitsTest, WaitingLookupsOfATenantAreBounded) {
  options_.max_tenant_calls = 5;
  Serve();
  world_.sessions->Hold(true);
  std::vector<std::unique_ptr<grpc::ClientContext>> waiting;
  std::vector<std::thread> callers;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(world_.Context());
    callers.emplace_back([this, i, context = waiting.back().get()] {
      EXPECT_TRUE(Get(context, absl::StrCat("+1310555100", i)).ok());
    });
  }
  ASSERT_TRUE(
      WaitUntil([this] { return world_.scheduler->depth().queued >= 5; }));
  const grpc::Status sixth = Get(world_.Context().get());
  EXPECT_EQ(sixth.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(sixth.error_message(), HasSubstr("tenant admin has 5"));
  // Another tenant's call is served.
  const auto other = world_.ContextWithToken(world_.MakeLookupToken("acme"));
  EXPECT_EQ(Get(other.get(), "no number").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  world_.sessions->Hold(false);
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(Get(world_.Context().get()).ok());
}

TEST_F(RequestLimitsTest, AStreamThatWaitsHoldsNoLargeRequest) {
  Serve();
  v1::EnrichProfilePicturesRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.add_items()->set_contact(std::string(3500, 'x'));
  }
  const auto allocated = [] { return mallinfo2().uordblks; };
  std::vector<std::unique_ptr<Stream>> streams;
  size_t before = 0;
  constexpr int kStreams = 20;
  for (int i = 0; i < kStreams + 5; ++i) {
    if (i == 5) before = allocated();  // all cached memory is allocated by now
    streams.push_back(Open());
    ASSERT_TRUE(streams.back()->Write(request));
    v1::EnrichProfilePicturesResponse response;
    for (int results = 0; results < 1000;) {
      ASSERT_TRUE(streams.back()->Read(&response));
      results += response.results_size();
    }
  }
  EXPECT_TRUE(WaitUntil([&] {
    return allocated() < before + kStreams * request.ByteSizeLong() / 4;
  })) << allocated() - before;
}

}  // namespace
}  // namespace portrait
