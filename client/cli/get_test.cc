// Tests portrait get with a scripted server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cli/testing/portrait_test_fixture.h"

namespace portrait::cli {
namespace {

using ::portrait::client::AnswerFor;
using ::portrait::client::EnrichStream;
using ::portrait::client::Script;
using ::portrait::client::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Answers the items of a stream in the reverse of their order.
grpc::Status AnswerInReverse(EnrichStream* stream) {
  std::vector<v1::EnrichItem> items;
  v1::EnrichProfilePicturesRequest request;
  while (stream->Read(&request)) {
    items.insert(items.end(), request.items().begin(), request.items().end());
  }
  v1::EnrichProfilePicturesResponse response;
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    *response.add_results() = AnswerFor(*item);
  }
  stream->Write(response);
  return grpc::Status::OK;
}

TEST_F(PortraitTest, GetsSeveralContactsOverOneStreamInTheirOrder) {
  Script script;  // a call of another method fails
  script.enrich = [](int, grpc::ServerContext*, EnrichStream* stream) {
    return AnswerInReverse(stream);
  };
  ScriptedServer server(script);
  const Ended ended =
      RunWith(server, {"get", "+4915110000", "+4915110008", "+4915110000",
                       "no-number", "+4915110009"});
  EXPECT_EQ(ended.exit_code, 1) << ended.err;  // "no-number" is not a number
  EXPECT_EQ(server.enrich_calls(), 1);
  EXPECT_THAT(Lines(ended.out),
              ElementsAre(HasSubstr("\"contact\":\"+4915110000\""),
                          HasSubstr("\"contact\":\"+4915110008\""),
                          HasSubstr("\"contact\":\"+4915110000\""),
                          HasSubstr("INVALID_CONTACT"),
                          HasSubstr("\"contact\":\"+4915110009\"")));
}

TEST_F(PortraitTest, GetsOneContactWithoutAStream) {
  Script script;
  script.get = [](const v1::GetProfilePictureRequest& request,
                  v1::GetProfilePictureResponse* response) {
    v1::EnrichItem item;
    item.set_contact(request.contact());
    *response->mutable_profile_picture() = AnswerFor(item).profile_picture();
    return grpc::Status::OK;
  };
  ScriptedServer server(script);
  const Ended ended = RunWith(server, {"get", "+4915110000"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(server.enrich_calls(), 0);
  EXPECT_THAT(Lines(ended.out),
              ElementsAre(HasSubstr("\"contact\":\"+4915110000\"")));
}

}  // namespace
}  // namespace portrait::cli
