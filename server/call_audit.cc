#include "server/call_audit.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "server/lookup_audit.h"

namespace portrait {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr absl::string_view kServicePrefix = "/portrait.v1.";
constexpr char kBegun[] = "BEGUN";

// Told of by LookupAudit.
bool IsLookup(absl::string_view method) {
  return method == "ProfilePictureService/GetProfilePicture" ||
         method == "ProfilePictureService/EnrichProfilePictures";
}

// Fields of requests that say whom or what a call is about.
bool IsContact(const FieldDescriptor& field) {
  return field.name() == "contact" || field.name() == "contacts" ||
         field.name() == "phone_number";
}
bool IsTarget(const FieldDescriptor& field) {
  return field.name() == "session" || field.name() == "tenant" ||
         field.name() == "token_id";
}

// One call. gRPC runs its hooks one after the other.
class CallAudit final : public Interceptor {
 public:
  CallAudit(absl::string_view method, bool streams, AuditLog& log,
            const AccessControl& access)
      : method_(method), streams_(streams), log_(log), access_(access) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      const auto* const metadata = batch->GetRecvInitialMetadata();
      const auto found = metadata->find("authorization");
      if (found != metadata->end()) {
        Authenticate({found->second.data(), found->second.size()});
      }
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() != nullptr) {
      // Requests of our services are generated messages, whose first base is
      // this.
      ReadRequest(*static_cast<const Message*>(batch->GetRecvMessage()));
      if (streams_) Write(kBegun);
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      Write(absl::StatusCodeToString(
          static_cast<absl::StatusCode>(batch->GetSendStatus().error_code())));
    }
    batch->Proceed();
  }

 private:
  void Authenticate(absl::string_view authorization) {
    absl::StatusOr<Principal> caller =
        access_.Authenticate(authorization, v1::ROLE_UNSPECIFIED);
    if (caller.ok()) caller_ = *std::move(caller);
  }

  void ReadRequest(const Message& request) {
    std::vector<const FieldDescriptor*> fields;
    const auto& reflection = *request.GetReflection();
    reflection.ListFields(request, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->type() != FieldDescriptor::TYPE_STRING) continue;
      const int count =
          field->is_repeated() ? reflection.FieldSize(request, field) : 1;
      for (int i = 0; i < count; ++i) {
        const std::string value =
            field->is_repeated()
                ? reflection.GetRepeatedString(request, field, i)
                : reflection.GetString(request, field);
        if (IsContact(*field)) contacts_.push_back(AuditIdOf(log_, value));
        if (IsTarget(*field)) target_ = value;
      }
    }
  }

  // A line for each contact that it is about, if it is about any.
  void Write(absl::string_view outcome) {
    if (!caller_.has_value()) return;
    if (contacts_.empty()) contacts_.emplace_back();
    for (const std::string& contact : contacts_) {
      log_.Write("call", *caller_,
                 {{"method", method_},
                  {"target", target_},
                  {"contact", contact},
                  {"outcome", outcome}});
    }
  }

  const absl::string_view method_;  // of a literal that gRPC keeps
  const bool streams_;
  AuditLog& log_;
  const AccessControl& access_;
  std::optional<Principal> caller_;  // nothing: not one of ours
  std::string target_;
  std::vector<std::string> contacts_;
};

class Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Factory(AuditLog& log, const AccessControl& access)
      : log_(log), access_(access) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    absl::string_view method(call->method());
    // Nobody is told anything by health and reflection.
    if (!absl::ConsumePrefix(&method, kServicePrefix) || IsLookup(method)) {
      return nullptr;
    }
    return new CallAudit(method, call->type() != ServerRpcInfo::Type::UNARY,
                         log_, access_);
  }

 private:
  AuditLog& log_;
  const AccessControl& access_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallAudits(AuditLog& log, const AccessControl& access) {
  return std::make_unique<Factory>(log, access);
}

}  // namespace portrait
