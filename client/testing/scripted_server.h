// ScriptedServer is a portrait.v1 server on loopback whose answers a test
// defines, for behaviour that a real server shows rarely.
#ifndef PORTRAIT_CLIENT_TESTING_SCRIPTED_SERVER_H_
#define PORTRAIT_CLIENT_TESTING_SCRIPTED_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "portrait/v1/profile_picture.grpc.pb.h"
#include "portrait/v1/session.grpc.pb.h"

namespace portrait::client {

using EnrichStream = grpc::ServerReaderWriter<v1::EnrichProfilePicturesResponse,
                                              v1::EnrichProfilePicturesRequest>;

// The behaviour of the server. The calls of each method are numbered from 0. A
// method without a function fails with UNIMPLEMENTED, except
// EnrichProfilePictures, which then answers every item with AnswerFor.
struct Script {
  std::function<grpc::Status(int call, grpc::ServerContext*, EnrichStream*)>
      enrich;
  std::function<grpc::Status(const v1::GetProfilePictureRequest&,
                             v1::GetProfilePictureResponse*)>
      get;
  std::function<grpc::Status(int call,
                             const v1::BatchGetProfilePicturesRequest&,
                             v1::BatchGetProfilePicturesResponse*)>
      batch;
  std::function<grpc::Status(
      int call, grpc::ServerContext*,
      const v1::WatchProfilePictureChangesRequest&,
      grpc::ServerWriter<v1::WatchProfilePictureChangesResponse>*)>
      watch;
  std::function<grpc::Status(const v1::ListProfilePictureChangesRequest&,
                             v1::ListProfilePictureChangesResponse*)>
      history;
  std::function<grpc::Status(const v1::ForgetContactRequest&,
                             v1::ForgetContactResponse*)>
      forget;
  std::function<grpc::Status(const v1::PairSessionRequest&,
                             grpc::ServerContext*,
                             grpc::ServerWriter<v1::PairSessionResponse>*)>
      pair;
  std::vector<v1::Session> sessions;
  // If set, calls without "Bearer <token>" fail.
  std::string token;
};

// Returns the default result of an item. If the contact ends in 9, it is not
// registered; in 8, its picture is hidden; in 7, it has no picture. If it has
// no digit, the result is INVALID_CONTACT. Any other contact has a picture with
// the id "id-<contact>".
v1::EnrichResult AnswerFor(const v1::EnrichItem& item);

// Reads and answers every item of the stream.
grpc::Status AnswerAll(EnrichStream* stream);

// Thread-safe.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  // "127.0.0.1:PORT"; the same after a restart.
  const std::string& address() const { return address_; }
  int enrich_calls() const;

  // Breaks every connection at once, as when the process is killed.
  void Kill();
  void Restart();

 private:
  class Pictures;
  class Sessions;

  const Script script_;
  std::unique_ptr<Pictures> pictures_;
  std::unique_ptr<Sessions> sessions_;
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_TESTING_SCRIPTED_SERVER_H_
