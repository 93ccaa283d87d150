#include "core/access/audit_copy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace portrait {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(1);

// Whether standard output takes a line without blocking.
bool StdoutIsReady() {
  pollfd out = {STDOUT_FILENO, POLLOUT, 0};
  const int timeout_ms = static_cast<int>(absl::ToInt64Milliseconds(kPatience));
  return poll(&out, 1, timeout_ms) == 1 && (out.revents & POLLOUT) != 0;
}

bool WriteToStdout(absl::string_view line) {
  if (!StdoutIsReady()) return false;
  ssize_t written = 0;
  do {
    written = write(STDOUT_FILENO, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written >= 0;
}

// RFC 3164, as syslog(3) sends it: "<86>Nov 29 09:12:53 portraitd[123]: LINE".
std::string SyslogMessage(absl::string_view line) {
  return absl::StrCat(
      "<", LOG_AUTHPRIV | LOG_INFO, ">",
      absl::FormatTime("%b %e %H:%M:%S", absl::Now(), absl::LocalTimeZone()),
      " portraitd[", getpid(), "]: ", line);
}

}  // namespace

void AuditCopy::Write(absl::string_view lines) {
  if (to_ == To::kNone) return;
  while (!lines.empty()) {
    const absl::string_view line = lines.substr(0, lines.find('\n') + 1);
    lines.remove_prefix(line.size());
    const bool is_written =
        to_ == To::kStdout ? WriteToStdout(line)
                           : WriteToSyslog(line.substr(0, line.size() - 1));
    if (!is_written) return;
  }
}

bool AuditCopy::WriteToSyslog(absl::string_view line) {
  const std::string message = SyslogMessage(line);
  // The second attempt is for a daemon that was restarted.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (socket_ < 0 && !Connect()) return false;
    ssize_t sent = 0;
    do {
      sent = send(socket_, message.data(), message.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return true;
    const bool is_slow = errno == EAGAIN || errno == EWOULDBLOCK;
    Close();
    if (is_slow) return false;
  }
  return false;
}

bool AuditCopy::Connect() {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (syslog_socket_.size() >= sizeof(address.sun_path)) return false;
  std::copy(syslog_socket_.begin(), syslog_socket_.end(), address.sun_path);
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const timeval patience = absl::ToTimeval(kPatience);
  if (setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience,
                 sizeof(patience)) == 0 &&
      connect(socket_, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0) {
    return true;
  }
  Close();
  return false;
}

void AuditCopy::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

}  // namespace portrait
