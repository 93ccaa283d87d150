#include "server/call_observer.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::MatchesRegex;

constexpr char kTrace[] =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(CallObserverTest, KeepsARequestIdThatCanBeLogged) {
  EXPECT_EQ(RequestIdOf("order-17/3"), "order-17/3");
  EXPECT_EQ(RequestIdOf(std::string(128, 'x')), std::string(128, 'x'));
}

TEST(CallObserverTest, ReplacesAnInvalidRequestId) {
  const std::string kGiven[] = {"", "a b", "a\n", "\xff",
                                std::string(129, 'x')};
  for (const std::string& given : kGiven) {
    EXPECT_THAT(RequestIdOf(given), MatchesRegex("[0-9a-f]{16}")) << given;
  }
  EXPECT_NE(RequestIdOf(""), RequestIdOf(""));
}

TEST(CallObserverTest, KeepsAValidTraceParent) {
  EXPECT_TRUE(IsTraceParent(kTrace));
  for (const char* given :
       {"", "00-", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"}) {
    EXPECT_FALSE(IsTraceParent(given)) << given;
  }
}

TEST(CallObserverTest, CallersGetRequestIdAndTraceParentBack) {
  World world;
  v1::GetProfilePictureRequest request;
  v1::GetProfilePictureResponse response;
  // A failed call has them, too.
  for (const char* contact : {"+13105551234", "no number"}) {
    request.set_contact(contact);
    const auto context = world.Context();
    context->AddMetadata(kRequestIdKey, "order-17");
    context->AddMetadata(kTraceParentKey, kTrace);
    world.pictures->GetProfilePicture(context.get(), request, &response);
    const auto& metadata = context->GetServerInitialMetadata();
    ASSERT_EQ(metadata.count(kRequestIdKey), 1) << contact;
    ASSERT_EQ(metadata.count(kTraceParentKey), 1) << contact;
    EXPECT_EQ(metadata.find(kRequestIdKey)->second, "order-17");
    EXPECT_EQ(metadata.find(kTraceParentKey)->second, kTrace);
  }
}

TEST(CallObserverTest, ACallWithoutARequestIdGetsOne) {
  World world;
  v1::GetProfilePictureRequest request;
  v1::GetProfilePictureResponse response;
  request.set_contact("no number");
  const auto context = world.Context();
  world.pictures->GetProfilePicture(context.get(), request, &response);
  const auto& metadata = context->GetServerInitialMetadata();
  EXPECT_EQ(metadata.count(kRequestIdKey), 1);
  EXPECT_EQ(metadata.count(kTraceParentKey), 0);
}

}  // namespace
}  // namespace portrait
