// What the scripted server can be asked to do.
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

// Bulk lookups, by options.session. AnswerFor says what an answer is.
//   answer        answers all.
//   break/N/T     answers N items, T in a message, then breaks; the next stream
//                 answers the rest, and what it is asked again is an error.
//   drain         two streams say SHUTTING_DOWN of every second item.
//   early-end     the first stream ends well at once.
//   refuse/CODE   ends with that code, a number.
//   silent        the first stream says nothing and does not end.
//   sizes         each picture's name is how many items came with it, and "+"
//                 when options did, too.
//   large         one item in a message, with 1 MB of name.
//   newer         results as a newer server might send: a registration, state,
//                 reason, outcome and fields that nobody knows.
//
// Watches, by their first contact.
//   break         each stream sends one change, whose old_id is the token that
//                 the stream was asked to resume from, and breaks; the fourth
//                 is refused (PERMISSION_DENIED).
//   quiet         says nothing.
//   newer         one change of a kind that nobody knows, then as quiet.
//
// Single lookups, by their contact.
//   silent        never answers.
//   newer         a state and a field that nobody knows.
//   newer-error   fails for a reason and with a detail that nobody knows.
//   flaky/N       the first N calls fail with UNAVAILABLE and a RetryInfo of
//                 0.2 s; later ones succeed, with "found" as the name.
//   stats/SCRIPT  how often SCRIPT was called, how many messages it sent and
//                 how many of its calls are open: "calls=1 sent=7 open=0" in
//                 the picture's name.
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
  // Counts a call of `script` and returns how many there were before.
  int Open(const std::string& script);
  void Close(const std::string& script);
  void CountSent(const std::string& script);
  Stats StatsOf(const std::string& script);
  // False when `contact` was noted under `script` before.
  bool Note(const std::string& script, const std::string& contact);

  absl::Mutex mu_;
  std::map<std::string, Stats> stats_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::set<std::string>> noted_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::client

#endif  // PORTRAIT_TESTS_INTEROP_CLIENTS_SCRIPTED_SERVER_SCRIPTS_H_
