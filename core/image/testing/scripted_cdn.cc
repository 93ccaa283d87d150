#include "core/image/testing/scripted_cdn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace portrait {

ScriptedCdn::ScriptedCdn(Script script) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  listen(listener_, SOMAXCONN);
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  origin_ = absl::StrCat("http://127.0.0.1:", port_);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedCdn::~ScriptedCdn() {
  std::vector<std::thread> servers;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
    servers = std::move(servers_);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& server : servers) server.join();
  absl::MutexLock lock(&mu_);
  for (std::thread& server : servers_) server.join();
  close(listener_);
}

std::vector<std::string> ScriptedCdn::paths() const {
  absl::MutexLock lock(&mu_);
  return paths_;
}

size_t ScriptedCdn::connections() const {
  absl::MutexLock lock(&mu_);
  return sockets_.size();
}

std::string ScriptedCdn::Ok(absl::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

void ScriptedCdn::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    absl::MutexLock lock(&mu_);
    if (stopping_) {
      close(socket);
      return;
    }
    sockets_.push_back(socket);
    servers_.emplace_back([this, socket] { Serve(socket); });
  }
}

void ScriptedCdn::Serve(int socket) {
  const Send send = [socket](absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  };
  std::string request;
  char buffer[4096];
  for (bool goes_on = true; goes_on;) {
    const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
    if (got <= 0) break;
    request.append(buffer, static_cast<size_t>(got));
    const size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::string head = request.substr(0, end);
    request.erase(0, end + 4);
    const std::vector<std::string> words = absl::StrSplit(head, ' ');
    {
      absl::MutexLock lock(&mu_);
      paths_.push_back(words.size() > 1 ? words[1] : "");
    }
    goes_on = script_(head, send);
  }
  absl::MutexLock lock(&mu_);
  sockets_.remove(socket);
  close(socket);
}

}  // namespace portrait
