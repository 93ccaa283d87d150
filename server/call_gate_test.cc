// Tests that callers without the right cannot call any method of the contract.
#include "server/call_gate.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/access/rights.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "server/method_rights.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The methods of each .proto file of the contract.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  const std::filesystem::path protos =
      std::filesystem::path(std::getenv("PORTRAIT_TEST_DATA"))
          .parent_path()
          .parent_path() /
      "proto";
  for (const auto& entry :
       std::filesystem::directory_iterator(protos / "portrait/v1")) {
    const std::string name =
        std::filesystem::relative(entry.path(), protos).string();
    const google::protobuf::FileDescriptor* const file =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
            name);
    EXPECT_NE(file, nullptr) << name;
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

std::string NameOf(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat(method.service()->name(), "/", method.name());
}

class CallGateTest : public testing::Test {
 protected:
  // Returns the status of a call with an empty request.
  grpc::Status Call(const google::protobuf::MethodDescriptor& method,
                    const std::string& token) {
    return CallWith(method, token.empty()
                                ? std::make_unique<grpc::ClientContext>()
                                : world_.ContextWithToken(token));
  }
  // … of a caller with these values of the header that has the token.
  grpc::Status CallAs(const google::protobuf::MethodDescriptor& method,
                      const std::vector<std::string>& authorizations) {
    auto context = std::make_unique<grpc::ClientContext>();
    for (const std::string& value : authorizations) {
      context->AddMetadata("authorization", value);
    }
    return CallWith(method, std::move(context));
  }
  grpc::Status CallWith(const google::protobuf::MethodDescriptor& method,
                        std::unique_ptr<grpc::ClientContext> context) {
    grpc::CompletionQueue queue;
    grpc::GenericStub stub(world_.channel);
    const auto call = stub.PrepareCall(
        context.get(), absl::StrCat("/portrait.v1.", NameOf(method)), &queue);
    grpc::Status status;
    const auto wait = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      queue.Next(&tag, &ok);
    };
    call->StartCall(nullptr);
    wait();
    grpc::Slice nothing;
    call->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(),
                    nullptr);
    wait();
    call->Finish(&status, nullptr);
    wait();
    queue.Shutdown();
    wait();
    return status;
  }

  std::string TokenThatMay(const std::vector<v1::Right>& rights) {
    v1::Token token;
    token.set_tenant("acme");
    for (const v1::Right right : rights) token.add_rights(right);
    return world_.access->CreateToken(token)->secret;
  }

  World world_;
};

TEST_F(CallGateTest, EveryMethodOfTheContractHasItsRight) {
  ASSERT_THAT(AllMethods(), SizeIs(testing::Gt(20u)));
  for (const auto* method : AllMethods()) {
    EXPECT_TRUE(RightFor(NameOf(*method)).has_value())
        << NameOf(*method)
        << " is not in method_rights.cc: no token may call it";
  }
  EXPECT_FALSE(RightFor("ProfilePictureService/Unheard").has_value());
}

TEST_F(CallGateTest, NoMethodServesACallerWithoutAToken) {
  for (const auto* method : AllMethods()) {
    for (const char* token : {"", "pt_unknown"}) {
      EXPECT_EQ(Call(*method, token).error_code(),
                grpc::StatusCode::UNAUTHENTICATED)
          << NameOf(*method);
    }
  }
}

TEST_F(CallGateTest, NoMethodServesAnInvalidTokenOfAnyKind) {
  v1::Token ends;
  ends.set_tenant("acme");
  ends.set_role(v1::ROLE_ADMIN);
  const auto revoked = world_.access->CreateToken(ends);
  ASSERT_TRUE(world_.access->RevokeToken(revoked->token.token_id()).ok());
  const std::string good = world_.admin_token;
  std::string changed = good;
  changed.back() = changed.back() == 'a' ? 'b' : 'a';
  const std::map<std::string, std::vector<std::string>> strangers = {
      {"nothing", {}},
      {"an empty header", {""}},
      {"a scheme alone", {"Bearer"}},
      {"a scheme and a space", {"Bearer "}},
      {"a token alone", {good}},
      {"another scheme", {"Basic " + good}},
      {"a token in quotes", {"Bearer \"" + good + "\""}},
      {"two tokens in one header", {"Bearer " + good + " " + good}},
      {"an unknown token", {"Bearer pt_unknown"}},
      {"a changed token", {"Bearer " + changed}},
      {"a token cut short", {"Bearer " + good.substr(0, good.size() - 1)}},
      {"a longer token", {"Bearer " + good + "a"}},
      {"a token's id", {"Bearer " + revoked->token.token_id()}},
      {"a revoked token", {"Bearer " + revoked->secret}},
      {"a long token", {"Bearer " + std::string(4000, 'a')}},
  };
  ASSERT_THAT(strangers, SizeIs(15));
  for (const auto& [kind, authorizations] : strangers) {
    SCOPED_TRACE(kind);
    for (const auto* method : AllMethods()) {
      EXPECT_EQ(CallAs(*method, authorizations).error_code(),
                grpc::StatusCode::UNAUTHENTICATED)
          << NameOf(*method);
    }
  }
}

TEST_F(CallGateTest, NoMethodServesATokenWithoutItsRight) {
  for (const auto* method : AllMethods()) {
    const v1::Right needed = *RightFor(NameOf(*method));
    if (needed == v1::RIGHT_UNSPECIFIED) continue;
    // All rights except the rights that include `needed`.
    std::vector<v1::Right> others;
    for (int i = v1::RIGHT_LOOKUP; i < v1::RIGHT_ADMIN; ++i) {
      const auto right = static_cast<v1::Right>(i);
      Rights alone;
      alone.Add(right);
      if (!alone.Has(needed)) others.push_back(right);
    }
    const grpc::Status status = Call(*method, TokenThatMay(others));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED)
        << NameOf(*method);
    EXPECT_THAT(status.error_message(), HasSubstr(RightName(needed)));
  }
}

TEST_F(CallGateTest, WatchingNeedsOneOfItsTwoRights) {
  const auto watch = [&](v1::Right right, const std::string& contact) {
    const auto context = world_.ContextWithToken(TokenThatMay({right}));
    v1::WatchProfilePictureChangesRequest request;
    if (!contact.empty()) request.add_contacts(contact);
    const auto stream =
        world_.pictures->WatchProfilePictureChanges(context.get(), request);
    v1::WatchProfilePictureChangesResponse start;
    const bool begun = stream->Read(&start);
    context->TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
    return begun;
  };
  EXPECT_FALSE(watch(v1::RIGHT_LOOKUP, ""));
  EXPECT_TRUE(watch(v1::RIGHT_WATCH, ""));
  EXPECT_TRUE(watch(v1::RIGHT_WATCH, "+13105551234"));
  EXPECT_TRUE(watch(v1::RIGHT_WATCH_ALL, ""));
}

TEST_F(CallGateTest, SuppressingAContactNeedsARightOfItsOwn) {
  v1::ForgetContactRequest request;
  request.set_contact("+13105551234");
  v1::ForgetContactResponse response;
  const auto forget = [&](const std::vector<v1::Right>& rights) {
    return world_.pictures
        ->ForgetContact(world_.ContextWithToken(TokenThatMay(rights)).get(),
                        request, &response)
        .error_code();
  };
  EXPECT_EQ(forget({v1::RIGHT_FORGET}), grpc::StatusCode::OK);
  request.set_suppress(true);
  EXPECT_EQ(forget({v1::RIGHT_FORGET}), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(forget({v1::RIGHT_FORGET, v1::RIGHT_OBJECT}), grpc::StatusCode::OK);
}

TEST_F(CallGateTest, ACallerWithoutTheRightLearnsNoAccount) {
  const std::string token = TokenThatMay({v1::RIGHT_LOOKUP});
  std::vector<std::string> answers;
  for (const char* session : {"alpha", "unknown"}) {
    v1::GetProfilePictureRequest request;
    request.set_contact("+13105551234");
    request.mutable_options()->set_session(session);
    v1::GetProfilePictureResponse response;
    const grpc::Status status = world_.pictures->GetProfilePicture(
        world_.ContextWithToken(token).get(), request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    answers.push_back(status.error_message());
  }
  EXPECT_EQ(answers[0], answers[1]);
}

TEST(RightsTest, AdminIncludesAllAndAWatchOfAllAWatch) {
  Rights admin;
  admin.Add(v1::RIGHT_ADMIN);
  EXPECT_TRUE(admin.Has(v1::RIGHT_PIN_SESSION));
  Rights watcher;
  watcher.Add(v1::RIGHT_WATCH_ALL);
  EXPECT_TRUE(watcher.Has(v1::RIGHT_WATCH));
  EXPECT_FALSE(watcher.Has(v1::RIGHT_LOOKUP));
  EXPECT_TRUE(Rights().Has(v1::RIGHT_UNSPECIFIED));
  EXPECT_EQ(watcher.ToString(), "watch-all");
}

}  // namespace
}  // namespace portrait
