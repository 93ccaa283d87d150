// A portrait.v1 server that misbehaves on request, and one that is newer than
// any client: what the clients of all languages must cope with, at will.
//
//   clients-scripted-server        serves on 127.0.0.1 until standard input
//   ends;
//                                  its first line of output is the address
//
// The caller names the script: of a bulk lookup in options.session, of a watch
// in its first contact, of a single lookup in its contact. A script is a word
// and its arguments, "break/7/5"; what comes after "#" only tells apart the
// runs of one script. scripts.h lists them.
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
  // Whoever started this holds the other end, and lets go of it when it dies.
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server->Shutdown(std::chrono::system_clock::now());
}
