#include "tests/interop/clients/scripted_server/scripts.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "client/testing/scripted_server.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace portrait::client {
namespace {

constexpr int kLargeBytes = 1'000'000;
// A number that this contract does not use in any enum.
constexpr int kUnknownEnum = 4242;
constexpr int kUnknownField = 900;
// The domain of the contract's errors.
constexpr char kErrorDomain[] = "portrait";

// Splits "break/7/5#run" into {"break", "7", "5"}.
std::vector<std::string> WordsOf(absl::string_view script) {
  return absl::StrSplit(script.substr(0, script.find('#')), '/');
}

int Argument(const std::vector<std::string>& words, size_t index) {
  int value = 0;
  if (index < words.size() && !absl::SimpleAtoi(words[index], &value)) return 0;
  return value;
}

grpc::Status WaitForCancel(grpc::ServerContext* context) {
  while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(2));
  return grpc::Status::CANCELLED;
}

void AddUnknownField(google::protobuf::Message* message) {
  message->GetReflection()
      ->MutableUnknownFields(message)
      ->AddLengthDelimited(kUnknownField)
      ->assign("from a newer server");
}

void MakeNewer(v1::ProfilePicture* picture) {
  picture->set_state(static_cast<v1::PictureState>(kUnknownEnum));
  picture->set_registration(static_cast<v1::Registration>(kUnknownEnum));
  AddUnknownField(picture);
}

grpc::Status NewerError() {
  google::rpc::ErrorInfo info;
  info.set_domain(kErrorDomain);
  info.set_reason("ERROR_REASON_FROM_A_NEWER_SERVER");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(7);
  google::rpc::Status details;
  details.set_code(grpc::StatusCode::UNAVAILABLE);
  google::protobuf::Any* unknown = details.add_details();
  unknown->set_type_url("type.googleapis.com/portrait.v9.Unheard");
  unknown->set_value("x");
  details.add_details()->PackFrom(info);
  details.add_details()->PackFrom(retry);
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "try later",
                      details.SerializeAsString());
}

grpc::Status TryAgain() {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(200'000'000);
  google::rpc::Status details;
  details.set_code(grpc::StatusCode::UNAVAILABLE);
  details.add_details()->PackFrom(retry);
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "try again",
                      details.SerializeAsString());
}

}  // namespace

// One bulk lookup.
class ScriptedPictures::EnrichCall {
 public:
  EnrichCall(ScriptedPictures* pictures, grpc::ServerContext* context,
             EnrichStream* stream)
      : pictures_(*pictures), context_(context), stream_(stream) {}

  grpc::Status Run();

 private:
  // Reads the next message into `request_`.
  bool Read();
  bool Send(const v1::EnrichProfilePicturesResponse& response);
  // Answers all items, each with the result of `answer`.
  template <typename Answer>
  grpc::Status AnswerEach(Answer answer);

  grpc::Status Break(int before, int together);
  grpc::Status Drain();
  grpc::Status Sizes();
  grpc::Status Large();
  v1::EnrichResult Newer(const v1::EnrichItem& item);

  ScriptedPictures& pictures_;
  grpc::ServerContext* const context_;
  EnrichStream* const stream_;
  std::string script_;
  int call_ = 0;
  v1::EnrichProfilePicturesRequest request_;
  bool unread_ = true;  // `request_` has the script's name and was not answered
};

bool ScriptedPictures::EnrichCall::Read() {
  return std::exchange(unread_, false) || stream_->Read(&request_);
}

bool ScriptedPictures::EnrichCall::Send(
    const v1::EnrichProfilePicturesResponse& response) {
  if (!stream_->Write(response)) return false;
  pictures_.CountSent(script_);
  return true;
}

template <typename Answer>
grpc::Status ScriptedPictures::EnrichCall::AnswerEach(Answer answer) {
  while (Read()) {
    v1::EnrichProfilePicturesResponse response;
    for (const v1::EnrichItem& item : request_.items()) {
      *response.add_results() = answer(item);
    }
    Send(response);
  }
  return grpc::Status::OK;
}

grpc::Status ScriptedPictures::EnrichCall::Break(int before, int together) {
  const grpc::Status broken(grpc::StatusCode::UNAVAILABLE, "going away");
  v1::EnrichProfilePicturesResponse response;
  int answered = 0;
  while (Read()) {
    for (const v1::EnrichItem& item : request_.items()) {
      if (call_ == 0 && answered == before) {
        if (response.results_size() > 0) Send(response);
        return broken;
      }
      ++answered;
      v1::EnrichResult& result = *response.add_results();
      result = AnswerFor(item);
      if (!pictures_.Note(script_, item.contact())) {
        result.mutable_error()->set_reason(v1::ERROR_REASON_INTERNAL);
        result.mutable_error()->set_message("asked again after its answer");
      }
      if (response.results_size() < together) continue;
      Send(response);
      response.Clear();
    }
  }
  if (response.results_size() > 0) Send(response);
  return call_ == 0 ? broken : grpc::Status::OK;
}

grpc::Status ScriptedPictures::EnrichCall::Drain() {
  int seen = 0;
  return AnswerEach([&](const v1::EnrichItem& item) {
    v1::EnrichResult result = AnswerFor(item);
    if (call_ < 2 && seen++ % 2 == 0) {
      result.mutable_error()->set_reason(v1::ERROR_REASON_SHUTTING_DOWN);
    }
    return result;
  });
}

grpc::Status ScriptedPictures::EnrichCall::Sizes() {
  return AnswerEach([this](const v1::EnrichItem& item) {
    v1::EnrichResult result = AnswerFor(item);
    result.mutable_profile_picture()->set_name(
        absl::StrCat(request_.items_size(), request_.has_options() ? "+" : ""));
    return result;
  });
}

grpc::Status ScriptedPictures::EnrichCall::Large() {
  while (Read()) {
    for (const v1::EnrichItem& item : request_.items()) {
      v1::EnrichProfilePicturesResponse response;
      v1::EnrichResult& result = *response.add_results();
      result = AnswerFor(item);
      result.mutable_profile_picture()->set_name(std::string(kLargeBytes, 'x'));
      if (!Send(response)) return grpc::Status::CANCELLED;
    }
  }
  return grpc::Status::OK;
}

// The contact's last digit decides what a newer server returns: for 0 and 1 a
// picture with unknown values, for 2 an unknown reason, for 3 an unknown
// outcome. For other digits the result is normal.
v1::EnrichResult ScriptedPictures::EnrichCall::Newer(
    const v1::EnrichItem& item) {
  v1::EnrichResult result = AnswerFor(item);
  switch (item.contact().back()) {
    case '0':
    case '1':
      MakeNewer(result.mutable_profile_picture());
      break;
    case '2':
      result.mutable_error()->set_reason(
          static_cast<v1::ErrorReason>(kUnknownEnum));
      result.mutable_error()->set_message("for a new reason");
      break;
    case '3':
      result.clear_profile_picture();
      AddUnknownField(&result);
      break;
    default:
      break;
  }
  return result;
}

grpc::Status ScriptedPictures::EnrichCall::Run() {
  if (!stream_->Read(&request_)) return grpc::Status::OK;
  script_ = request_.options().session();
  call_ = pictures_.Open(script_);
  const std::vector<std::string> words = WordsOf(script_);
  const std::string& name = words.front();
  grpc::Status end(grpc::StatusCode::UNIMPLEMENTED, "no such script: " + name);
  if (name == "answer") end = AnswerEach(AnswerFor);
  if (name == "break") end = Break(Argument(words, 1), Argument(words, 2));
  if (name == "drain") end = Drain();
  if (name == "early-end") {
    end = call_ == 0 ? grpc::Status::OK : AnswerEach(AnswerFor);
  }
  if (name == "refuse") {
    end = grpc::Status(static_cast<grpc::StatusCode>(Argument(words, 1)), "no");
  }
  if (name == "silent") {
    end = call_ == 0 ? WaitForCancel(context_) : AnswerEach(AnswerFor);
  }
  if (name == "sizes") end = Sizes();
  if (name == "large") end = Large();
  if (name == "newer") {
    end = AnswerEach([this](const auto& item) { return Newer(item); });
  }
  pictures_.Close(script_);
  return end;
}

grpc::Status ScriptedPictures::EnrichProfilePictures(
    grpc::ServerContext* context, EnrichStream* stream) {
  return EnrichCall(this, context, stream).Run();
}

grpc::Status ScriptedPictures::GetProfilePicture(
    grpc::ServerContext* context, const v1::GetProfilePictureRequest* request,
    v1::GetProfilePictureResponse* response) {
  const std::string& contact = request->contact();
  v1::ProfilePicture& picture = *response->mutable_profile_picture();
  picture.set_jid("13105551234@s.whatsapp.net");
  if (contact == "silent") return WaitForCancel(context);
  if (contact == "newer-error") return NewerError();
  if (contact == "newer") {
    MakeNewer(&picture);
    return grpc::Status::OK;
  }
  if (absl::StartsWith(contact, "flaky/")) return Flaky(contact, &picture);
  absl::string_view script = contact;
  if (!absl::ConsumePrefix(&script, "stats/")) {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such script");
  }
  const Stats stats = StatsOf(std::string(script));
  picture.set_name(absl::StrCat("calls=", stats.calls, " sent=", stats.sent,
                                " open=", stats.open));
  return grpc::Status::OK;
}

grpc::Status ScriptedPictures::Flaky(const std::string& script,
                                     v1::ProfilePicture* picture) {
  const int call = Open(script);
  Close(script);
  if (call < Argument(WordsOf(script), 1)) return TryAgain();
  picture->set_name("found");
  return grpc::Status::OK;
}

grpc::Status ScriptedPictures::WatchProfilePictureChanges(
    grpc::ServerContext* context,
    const v1::WatchProfilePictureChangesRequest* request,
    grpc::ServerWriter<v1::WatchProfilePictureChangesResponse>* writer) {
  const std::string script =
      request->contacts_size() > 0 ? request->contacts(0) : "";
  const std::string name = WordsOf(script).front();
  const int call = Open(script);
  v1::WatchProfilePictureChangesResponse response;
  response.set_resume_token(absl::StrCat("after-", call));
  v1::ProfilePictureChange& change = *response.add_changes();
  change.set_sequence(static_cast<uint64_t>(call));
  change.set_old_id(request->resume_token());
  change.set_kind(name == "newer" ? static_cast<v1::ChangeKind>(kUnknownEnum)
                                  : v1::CHANGE_KIND_REPLACED);
  if (name != "quiet") writer->Write(response);
  grpc::Status end =
      name == "break"
          ? grpc::Status(call == 3 ? grpc::StatusCode::PERMISSION_DENIED
                                   : grpc::StatusCode::UNAVAILABLE,
                         "over")
          : WaitForCancel(context);
  Close(script);
  return end;
}

int ScriptedPictures::Open(const std::string& script) {
  absl::MutexLock lock(&mu_);
  ++stats_[script].open;
  return stats_[script].calls++;
}

void ScriptedPictures::Close(const std::string& script) {
  absl::MutexLock lock(&mu_);
  --stats_[script].open;
}

void ScriptedPictures::CountSent(const std::string& script) {
  absl::MutexLock lock(&mu_);
  ++stats_[script].sent;
}

ScriptedPictures::Stats ScriptedPictures::StatsOf(const std::string& script) {
  absl::MutexLock lock(&mu_);
  return stats_[script];
}

bool ScriptedPictures::Note(const std::string& script,
                            const std::string& contact) {
  absl::MutexLock lock(&mu_);
  return noted_[script].insert(contact).second;
}

}  // namespace portrait::client
