#include "server/call_audit.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "server/call_gate.h"
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
// As many as any request may name.
constexpr int kMaxContacts = 1000;

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

using AuditFields = std::vector<std::pair<absl::string_view, std::string>>;

// One call. gRPC runs its hooks one after the other. The request of a caller
// that may not make the call is not looked at: parsing what it names would let
// a stranger hold up all others.
class CallAudit final : public Interceptor {
 public:
  CallAudit(absl::string_view method, bool streams, AuditLog& log)
      : method_(method), streams_(streams), log_(log) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      verdict_ = &VerdictOf(*batch->GetRecvInitialMetadata());
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() != nullptr && IsAdmitted()) {
      // Requests of our services are generated messages, whose first base is
      // this.
      ReadRequest(*static_cast<const Message*>(batch->GetRecvMessage()));
      if (contact_count_ > 1) {
        std::sort(contact_ids_.begin(), contact_ids_.end());
        digest_ = log_.ContactId(absl::StrJoin(contact_ids_, " "));
      }
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
  bool IsAdmitted() const {
    return verdict_ != nullptr && verdict_->status.ok();
  }

  void ReadRequest(const Message& request) {
    std::vector<const FieldDescriptor*> fields;
    const auto& reflection = *request.GetReflection();
    reflection.ListFields(request, &fields);
    std::string scratch;
    for (const FieldDescriptor* field : fields) {
      if (field->type() != FieldDescriptor::TYPE_STRING) continue;
      if (IsTarget(*field)) {
        target_ = reflection.GetString(request, field);
      }
      if (!IsContact(*field)) continue;
      if (!field->is_repeated()) {
        AddContact(reflection.GetStringReference(request, field, &scratch));
        ++contact_count_;
        continue;
      }
      const int count = reflection.FieldSize(request, field);
      for (int i = 0; i < std::min(count, kMaxContacts); ++i) {
        AddContact(
            reflection.GetRepeatedStringReference(request, field, i, &scratch));
      }
      contact_count_ += static_cast<size_t>(count);
    }
  }

  void AddContact(const std::string& contact) {
    contact_ids_.push_back(AuditIdOf(log_, contact));
  }

  void Write(absl::string_view outcome) {
    // Callers without a token could drown the others out.
    if (verdict_ == nullptr || verdict_->caller.token_id.empty()) return;
    AuditFields fields = {{"method", std::string(method_)},
                          {"target", target_}};
    if (contact_count_ == 1) fields.emplace_back("contact", contact_ids_[0]);
    if (contact_count_ > 1) {
      fields.emplace_back("contacts", absl::StrCat(contact_count_));
      fields.emplace_back("digest", digest_);
    }
    fields.emplace_back("outcome", std::string(outcome));
    const std::vector<AuditLog::Field> views(fields.begin(), fields.end());
    log_.Write("call", verdict_->caller, views);
  }

  const absl::string_view method_;  // of a literal that gRPC keeps
  const bool streams_;
  AuditLog& log_;
  const CallVerdict* verdict_ = nullptr;  // the gate's, for as long as the call
  std::string target_;
  std::vector<std::string> contact_ids_;  // of the first kMaxContacts
  size_t contact_count_ = 0;
  std::string digest_;  // of several: tells whether a list is the one named
};

class Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(AuditLog& log) : log_(log) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    absl::string_view method(call->method());
    // Nobody is told anything by health and reflection.
    if (!absl::ConsumePrefix(&method, kServicePrefix) || IsLookup(method)) {
      return nullptr;
    }
    return new CallAudit(method, call->type() != ServerRpcInfo::Type::UNARY,
                         log_);
  }

 private:
  AuditLog& log_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallAudits(AuditLog& log) {
  return std::make_unique<Factory>(log);
}

}  // namespace portrait
