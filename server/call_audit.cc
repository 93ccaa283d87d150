#include "server/call_audit.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/access/contact_digest.h"
#include "core/contact/contact.h"
#include "google/protobuf/message.h"
#include "server/call_gate.h"
#include "server/lookup_audit.h"
#include "server/method_rights.h"

namespace portrait {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr char kBegun[] = "BEGUN";
// The most contacts that any request may have.
constexpr int kMaxContacts = 1000;

// LookupAudit writes the lines of these methods.
bool IsLookup(absl::string_view method) {
  return method == "ProfilePictureService/GetProfilePicture" ||
         method == "ProfilePictureService/BatchGetProfilePictures" ||
         method == "ProfilePictureService/EnrichProfilePictures";
}

// Whether a request's field names the contact of a call.
bool IsContact(const FieldDescriptor& field) {
  return field.name() == "contact" || field.name() == "contacts" ||
         field.name() == "phone_number";
}
bool IsTarget(const FieldDescriptor& field) {
  return field.name() == "session" || field.name() == "tenant" ||
         field.name() == "token_id";
}

// The contacts or other target of one call. A value type.
struct Subject {
  std::string target;
  std::vector<std::string> contacts;  // as written; the first kMaxContacts
  size_t contact_count = 0;

  size_t bytes() const {
    size_t bytes = target.size();
    for (const std::string& contact : contacts) {
      bytes += sizeof(contact) + contact.size();
    }
    return bytes;
  }
};

// Appends a call's contacts: one contact by its id; several by their number and
// a ContactDigest, with which an operator can recognize a known list.
void AppendContacts(const AuditLog& log, const Subject& subject,
                    AuditLog::MadeFields* fields) {
  if (subject.contact_count == 0) return;
  if (subject.contact_count == 1) {
    fields->emplace_back("contact", AuditIdOf(log, subject.contacts.front()));
    return;
  }
  ContactDigest digest;
  for (const std::string& contact : subject.contacts) {
    digest.Add(AuditIdOf(log, contact));
  }
  fields->emplace_back("contacts", absl::StrCat(subject.contact_count));
  fields->emplace_back("digest", digest.Hex());
}

// One call. gRPC runs its hooks one after the other. Requests of unauthorized
// callers are not read, and contacts are parsed on the log's thread: both could
// otherwise let one caller delay all others.
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
      // Requests of our services are generated messages, whose first base class
      // is Message.
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
        subject_.target = reflection.GetString(request, field);
      }
      if (!IsContact(*field)) continue;
      if (!field->is_repeated()) {
        AddContact(reflection.GetStringReference(request, field, &scratch));
        continue;
      }
      const int count = reflection.FieldSize(request, field);
      for (int i = 0; i < std::min(count, kMaxContacts); ++i) {
        AddContact(
            reflection.GetRepeatedStringReference(request, field, i, &scratch));
      }
      subject_.contact_count = static_cast<size_t>(count);
    }
  }

  void AddContact(const std::string& contact) {
    subject_.contacts.push_back(contact.substr(0, kMaxContactBytes + 1));
    ++subject_.contact_count;
  }

  void Write(absl::string_view outcome) {
    // Callers without a token could flood the log.
    if (verdict_ == nullptr || verdict_->caller.token_id.empty()) return;
    log_.WriteLater("call", verdict_->caller, subject_.bytes(),
                    [&log = log_, method = method_, subject = subject_,
                     outcome = std::string(outcome)] {
                      AuditLog::MadeFields fields = {
                          {"method", std::string(method)},
                          {"target", subject.target}};
                      AppendContacts(log, subject, &fields);
                      fields.emplace_back("outcome", outcome);
                      return fields;
                    });
  }

  const absl::string_view method_;  // a literal that gRPC keeps
  const bool streams_;
  AuditLog& log_;
  // Owned by the gate; valid as long as the call.
  const CallVerdict* verdict_ = nullptr;
  Subject subject_;
};

class AuditFactory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit AuditFactory(AuditLog& log) : log_(log) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    absl::string_view method(call->method());
    // Health and reflection disclose nothing, so they are not audited.
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
  return std::make_unique<AuditFactory>(log);
}

}  // namespace portrait
