// Every method of the contract, called by callers that may not.
#include "server/call_gate.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "server/method_roles.h"
#include "server/testing/service_test_world.h"

namespace portrait {
namespace {

using ::testing::SizeIs;

// Of each .proto file of the contract.
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
  // How the server ends a call with an empty request.
  grpc::Status Call(const google::protobuf::MethodDescriptor& method,
                    const std::string& token) {
    const auto context = token.empty() ? std::make_unique<grpc::ClientContext>()
                                       : world_.ContextWithToken(token);
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

  World world_;
};

TEST_F(CallGateTest, EveryMethodOfTheContractHasItsRole) {
  ASSERT_THAT(AllMethods(), SizeIs(testing::Gt(20u)));
  for (const auto* method : AllMethods()) {
    EXPECT_TRUE(RoleFor(NameOf(*method)).has_value())
        << NameOf(*method) << " is not in method_roles.cc: nobody can call it";
  }
  EXPECT_FALSE(RoleFor("ProfilePictureService/Unheard").has_value());
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

TEST_F(CallGateTest, NoMethodServesATokenWithoutItsRole) {
  const std::string lookup = world_.MakeLookupToken();
  int refused = 0;
  for (const auto* method : AllMethods()) {
    if (*RoleFor(NameOf(*method)) != v1::ROLE_ADMIN) continue;
    EXPECT_EQ(Call(*method, lookup).error_code(),
              grpc::StatusCode::PERMISSION_DENIED)
        << NameOf(*method);
    ++refused;
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace portrait
