// The scripts of the scripted server, which misbehaves as a test asks.
#ifndef PORTRAIT_TESTS_INTEROP_CLIENTS_SCRIPTED_SERVER_SCRIPTS_H_
#define PORTRAIT_TESTS_INTEROP_CLIENTS_SCRIPTED_SERVER_SCRIPTS_H_

#include <grpcpp/grpcpp.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "portrait/v1/profile_picture.grpc.pb.h"

namespace portrait::client {

// For bulk lookups, options.session names the script. AnswerFor makes the
// answers.
//   answer        answers every item.
//   break/N/T     answers N items, T per message, then breaks. The next stream
//                 answers the others; an item that was answered before has an
//                 error.
//   drain         two streams answer every second item with SHUTTING_DOWN.
//   early-end     the first stream ends at once with OK.
//   refuse/CODE   ends with the status code CODE, a number.
//   silent        the first stream sends nothing and does not end.
//   sizes         the name of each picture is the number of items in its
//   message,
//                 followed by "+" if the message had options.
//   large         one result per message, with a name of 1 MB.
//   newer         results of a newer server, with an unknown registration,
//   state,
//                 reason, outcome and fields.
//
// For watches, the first contact names the script.
//   break         each stream sends one change, whose old_id is the resume
//   token
//                 of the request, and breaks; the fourth stream ends with
//                 PERMISSION_DENIED.
//   quiet         sends nothing.
//   newer         sends one change of an unknown kind, then nothing.
//
// For single lookups, the contact names the script.
//   silent        never answers.
//   newer         answers with an unknown state and an unknown field.
//   newer-error   fails with an unknown reason and an unknown detail.
//   flaky/N       the first N calls fail with UNAVAILABLE and a RetryInfo of
//                 0.2 s; later ones succeed, with "found" as the name.
//   stats/SCRIPT  answers with the number of calls of SCRIPT, of the messages
//   it
//                 sent and of its open calls, as the picture's name:
//                 "calls=1 sent=7 open=0".
//
// Thread-safe.
class ScriptedPictures final : public v1::ProfilePictureService::Service {
 public:
  grpc::Status GetProfilePicture(
      grpc::ServerContext* context, const v1::GetProfilePictureRequest* request,
      v1::GetProfilePictureResponse* response) override;
  grpc::Status EnrichProfilePictures(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::EnrichProfilePicturesResponse,
                               v1::EnrichProfilePicturesRequest>* stream)
      override;
  grpc::Status WatchProfilePictureChanges(
      grpc::ServerContext* context,
      const v1::WatchProfilePictureChangesRequest* request,
      grpc::ServerWriter<v1::WatchProfilePictureChangesResponse>* writer)
      override;

 private:
  class EnrichCall;
  // A lookup of "flaky/N".
  grpc::Status Flaky(const std::string& script, v1::ProfilePicture* picture);
  struct Stats {
    int calls = 0;
    int sent = 0;
    int open = 0;
  };
  // Counts a call of `script` and returns the number of earlier calls.
  int Open(const std::string& script);
  void Close(const std::string& script);
  void CountSent(const std::string& script);
  Stats StatsOf(const std::string& script);
  // Records `contact` under `script`; returns false if it was recorded before.
  bool Note(const std::string& script, const std::string& contact);

  absl::Mutex mu_;
  std::map<std::string, Stats> stats_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::set<std::string>> noted_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::client

#endif  // PORTRAIT_TESTS_INTEROP_CLIENTS_SCRIPTED_SERVER_SCRIPTS_H_
