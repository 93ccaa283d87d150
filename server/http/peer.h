// The other end of a socket.
#ifndef PORTRAIT_SERVER_HTTP_PEER_H_
#define PORTRAIT_SERVER_HTTP_PEER_H_

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace portrait::http {

// Whether the peer has closed its side of the socket. Unread data may precede
// the end, so reading would not tell.
inline bool PeerIsGone(int descriptor) {
  char byte = 0;
  const ssize_t read = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (read == 0) return true;
  if (read < 0 && errno != EAGAIN && errno != EINTR) return true;
  tcp_info info = {};
  socklen_t size = sizeof(info);
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return false;  // a Unix socket
  }
  return info.tcpi_state == TCP_CLOSE_WAIT || info.tcpi_state == TCP_CLOSE;
}

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_PEER_H_
