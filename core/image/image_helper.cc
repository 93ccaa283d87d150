#include "core/image/image_helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/image/image_wire.h"

namespace portrait {
namespace {

absl::Status CannotStart(int error) {
  return absl::UnavailableError(
      absl::StrCat("picture helper: cannot start: ", std::strerror(error)));
}

absl::Status HelperLost() {
  return absl::AbortedError("picture: ended the process that decoded it");
}

// The socket becomes descriptors 0 and 1; descriptor 2 stays, all others were
// opened with O_CLOEXEC or are closed by the child itself.
absl::StatusOr<pid_t> Spawn(const std::string& program, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const absl::Cleanup destroy = [&] {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  };
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  // Signals that this program blocks or ignores have their usual effect there.
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own, so that Ctrl-C reaches only its parent.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF |
                                            POSIX_SPAWN_SETPGROUP);
  std::string name = "portrait-picture-helper";
  std::string argument = kImageHelperArgument;
  char* arguments[] = {name.data(), argument.data(), nullptr};
  // The helper gets no environment, which may hold tokens.
  char* environment[] = {nullptr};
  pid_t process = 0;
  const int error = posix_spawn(&process, program.c_str(), &actions,
                                &attributes, arguments, environment);
  if (error != 0) return CannotStart(error);
  return process;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImageHelper>> ImageHelper::Start(
    const std::string& program) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return CannotStart(errno);
  }
  const absl::StatusOr<pid_t> process = Spawn(program, ends[1]);
  close(ends[1]);
  if (!process.ok()) {
    close(ends[0]);
    return process.status();
  }
  return std::unique_ptr<ImageHelper>(new ImageHelper(*process, ends[0]));
}

ImageHelper::~ImageHelper() {
  close(socket_);
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::Status ImageHelper::WaitFor(short events, absl::Time deadline) {
  while (true) {
    const int64_t left =
        std::max<int64_t>(0, absl::ToInt64Milliseconds(deadline - absl::Now()));
    pollfd poll_for = {socket_, events, 0};
    const int ready = poll(&poll_for, 1, static_cast<int>(left));
    if (ready > 0) return absl::OkStatus();
    if (ready == 0) {
      return absl::AbortedError("picture: takes too long to decode");
    }
    if (errno != EINTR) return HelperLost();
  }
}

absl::Status ImageHelper::Send(absl::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    RETURN_IF_ERROR(WaitFor(POLLOUT, deadline));
    const ssize_t sent =
        send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return HelperLost();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ImageHelper::Receive(size_t size,
                                                 absl::Time deadline) {
  std::string bytes(size, '\0');
  size_t received = 0;
  while (received < size) {
    RETURN_IF_ERROR(WaitFor(POLLIN, deadline));
    const ssize_t got =
        recv(socket_, bytes.data() + received, size - received, MSG_DONTWAIT);
    if (got > 0) received += static_cast<size_t>(got);
    if (got == 0) return HelperLost();
    if (got < 0 && errno != EAGAIN && errno != EINTR) return HelperLost();
  }
  return bytes;
}

absl::StatusOr<std::string> ImageHelper::Ask(absl::string_view image,
                                             uint32_t side,
                                             const ImageLimits& limits,
                                             absl::Duration timeout) {
  ++asked_;
  const absl::Time deadline = absl::Now() + timeout;
  std::string header;
  AppendImageNumber(side, 4, &header);
  AppendImageNumber(limits.max_side, 4, &header);
  AppendImageNumber(limits.max_pixels, 8, &header);
  AppendImageNumber(image.size(), 4, &header);
  RETURN_IF_ERROR(Send(header, deadline));
  RETURN_IF_ERROR(Send(image, deadline));
  ASSIGN_OR_RETURN(const std::string response,
                   Receive(kImageResponseBytes, deadline));
  absl::string_view rest = response;
  const uint64_t code = TakeImageNumber(4, &rest);
  const uint64_t length = TakeImageNumber(4, &rest);
  if (length > kMaxImageAnswerBytes) return HelperLost();
  ASSIGN_OR_RETURN(std::string answer, Receive(length, deadline));
  switch (static_cast<absl::StatusCode>(code)) {
    case absl::StatusCode::kOk:
      return answer;
    case absl::StatusCode::kOutOfRange:
      return absl::OutOfRangeError(answer);
    default:
      return absl::InvalidArgumentError(answer);
  }
}

}  // namespace portrait
