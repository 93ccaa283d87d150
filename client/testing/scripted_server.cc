#include "client/testing/scripted_server.h"

#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace portrait::client {
namespace {

grpc::Status Unimplemented() {
  return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "not in this script");
}

grpc::Status CheckToken(const Script& script,
                        const grpc::ServerContext& context) {
  if (script.token.empty()) return grpc::Status::OK;
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (found != metadata.end() && found->second == "Bearer " + script.token) {
    return grpc::Status::OK;
  }
  return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "unknown token");
}

}  // namespace

class ScriptedServer::Pictures final
    : public v1::ProfilePictureService::Service {
 public:
  explicit Pictures(const Script& script) : script_(script) {}

  int enrich_calls() const { return enrich_calls_; }

  grpc::Status GetProfilePicture(
      grpc::ServerContext* context, const v1::GetProfilePictureRequest* request,
      v1::GetProfilePictureResponse* response) override {
    if (auto status = CheckToken(script_, *context); !status.ok()) {
      return status;
    }
    return script_.get ? script_.get(*request, response) : Unimplemented();
  }

  grpc::Status BatchGetProfilePictures(
      grpc::ServerContext*, const v1::BatchGetProfilePicturesRequest* request,
      v1::BatchGetProfilePicturesResponse* response) override {
    const int call = batch_calls_++;
    return script_.batch ? script_.batch(call, *request, response)
                         : Unimplemented();
  }

  grpc::Status EnrichProfilePictures(grpc::ServerContext* context,
                                     EnrichStream* stream) override {
    const int call = enrich_calls_++;
    if (auto status = CheckToken(script_, *context); !status.ok()) {
      return status;
    }
    return script_.enrich ? script_.enrich(call, context, stream)
                          : AnswerAll(stream);
  }

  grpc::Status WatchProfilePictureChanges(
      grpc::ServerContext* context,
      const v1::WatchProfilePictureChangesRequest* request,
      grpc::ServerWriter<v1::WatchProfilePictureChangesResponse>* writer)
      override {
    const int call = watch_calls_++;
    return script_.watch ? script_.watch(call, context, *request, writer)
                         : Unimplemented();
  }

  grpc::Status ListProfilePictureChanges(
      grpc::ServerContext*, const v1::ListProfilePictureChangesRequest* request,
      v1::ListProfilePictureChangesResponse* response) override {
    return script_.history ? script_.history(*request, response)
                           : Unimplemented();
  }

  grpc::Status ForgetContact(grpc::ServerContext*,
                             const v1::ForgetContactRequest* request,
                             v1::ForgetContactResponse* response) override {
    return script_.forget ? script_.forget(*request, response)
                          : Unimplemented();
  }

 private:
  const Script& script_;
  std::atomic<int> batch_calls_ = 0;
  std::atomic<int> enrich_calls_ = 0;
  std::atomic<int> watch_calls_ = 0;
};

class ScriptedServer::Sessions final : public v1::SessionService::Service {
 public:
  explicit Sessions(const Script& script) : script_(script) {}

  grpc::Status PairSession(
      grpc::ServerContext* context, const v1::PairSessionRequest* request,
      grpc::ServerWriter<v1::PairSessionResponse>* writer) override {
    return script_.pair ? script_.pair(*request, context, writer)
                        : Unimplemented();
  }

  grpc::Status ListSessions(grpc::ServerContext* context,
                            const v1::ListSessionsRequest*,
                            v1::ListSessionsResponse* response) override {
    if (auto status = CheckToken(script_, *context); !status.ok()) {
      return status;
    }
    for (const v1::Session& session : script_.sessions) {
      *response->add_sessions() = session;
    }
    return grpc::Status::OK;
  }

  grpc::Status GetSession(grpc::ServerContext*,
                          const v1::GetSessionRequest* request,
                          v1::GetSessionResponse* response) override {
    for (const v1::Session& session : script_.sessions) {
      if (session.session() != request->session()) continue;
      *response->mutable_session() = session;
      return grpc::Status::OK;
    }
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        "session: there is none of this name");
  }

 private:
  const Script& script_;
};

v1::EnrichResult AnswerFor(const v1::EnrichItem& item) {
  v1::EnrichResult result;
  result.set_tag(item.tag());
  const char last = item.contact().empty() ? ' ' : item.contact().back();
  if (!std::isdigit(static_cast<unsigned char>(last))) {
    result.mutable_error()->set_reason(v1::ERROR_REASON_INVALID_CONTACT);
    result.mutable_error()->set_message("contact: not a phone number");
    return result;
  }
  v1::ProfilePicture& picture = *result.mutable_profile_picture();
  picture.set_phone_number(item.contact());
  picture.set_source(v1::SOURCE_WHATSAPP);
  picture.set_registration(last == '9' ? v1::REGISTRATION_NOT_REGISTERED
                                       : v1::REGISTRATION_REGISTERED);
  if (last == '9') return result;
  picture.set_jid(item.contact() + "@s.whatsapp.net");
  picture.set_state(last == '8'   ? v1::PICTURE_STATE_HIDDEN
                    : last == '7' ? v1::PICTURE_STATE_NOT_SET
                                  : v1::PICTURE_STATE_AVAILABLE);
  if (picture.state() == v1::PICTURE_STATE_AVAILABLE) {
    picture.set_id("id-" + item.contact());
    picture.set_url("https://cdn.test/" + item.contact() + "?a=1,2");
  }
  return result;
}

grpc::Status AnswerAll(EnrichStream* stream) {
  v1::EnrichProfilePicturesRequest request;
  uint64_t answered = 0;
  while (stream->Read(&request)) {
    v1::EnrichProfilePicturesResponse response;
    for (const v1::EnrichItem& item : request.items()) {
      *response.add_results() = AnswerFor(item);
    }
    answered += static_cast<uint64_t>(request.items_size());
    response.mutable_progress()->set_completed(answered);
    stream->Write(response);
  }
  return grpc::Status::OK;
}

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)),
      pictures_(std::make_unique<Pictures>(script_)),
      sessions_(std::make_unique<Sessions>(script_)) {
  Restart();
}

ScriptedServer::~ScriptedServer() { Kill(); }

int ScriptedServer::enrich_calls() const { return pictures_->enrich_calls(); }

void ScriptedServer::Kill() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

void ScriptedServer::Restart() {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address_, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(pictures_.get());
  builder.RegisterService(sessions_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
  address_ = "127.0.0.1:" + std::to_string(port);
}

}  // namespace portrait::client
