// A portrait.v1 server for tests of the clients of all languages: it misbehaves
// on request, or acts as a server that is newer than any client.
//
//   clients-scripted-server
//
// It serves on 127.0.0.1 until standard input ends; its first line of output is
// the address.
//
// The caller selects a script: for a bulk lookup in options.session, for a
// watch in its first contact, for a single lookup in its contact. A script is a
// word and its arguments, "break/7/5"; the text after "#" only distinguishes
// runs of the same script. scripts.h lists them.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <string>

#include "tests/interop/clients/scripted_server/scripts.h"

int main() {
  portrait::client::ScriptedPictures pictures;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&pictures);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::cerr << "cannot listen on 127.0.0.1\n";
    return 1;
  }
  std::cout << "127.0.0.1:" << port << std::endl;
  // The pipe closes when the process that started this one ends.
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server->Shutdown(std::chrono::system_clock::now());
}
