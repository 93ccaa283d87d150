// The helper process: requests in, answers out, until the parent closes the
// socket.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "core/image/image_facts.h"
#include "core/image/image_helper.h"
#include "core/image/image_reader.h"
#include "core/image/image_wire.h"
#include "core/image/pixels.h"
#include "core/image/sandbox.h"

namespace portrait {
namespace {

constexpr int kHelperSocket = STDIN_FILENO;
constexpr int kFirstOther = STDERR_FILENO + 1;

bool ReadAll(size_t size, std::string* bytes) {
  bytes->resize(size);
  size_t received = 0;
  while (received < size) {
    const ssize_t got =
        read(kHelperSocket, bytes->data() + received, size - received);
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got > 0) received += static_cast<size_t>(got);
  }
  return true;
}

bool WriteAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = write(kHelperSocket, bytes.data(), bytes.size());
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

std::string EncodeFacts(const ImageFacts& facts) {
  std::string answer;
  AppendImageNumber(facts.width, 4, &answer);
  AppendImageNumber(facts.height, 4, &answer);
  AppendImageNumber(facts.phash, 8, &answer);
  AppendImageNumber(facts.dhash, 8, &answer);
  AppendImageNumber(static_cast<uint64_t>(facts.look), 1, &answer);
  return answer;
}

absl::StatusOr<std::string> EncodePixels(absl::string_view image, uint32_t side,
                                         const ImageLimits& limits) {
  const absl::StatusOr<Pixels> pixels = ShrinkImage(image, side, limits);
  if (!pixels.ok()) return pixels.status();
  std::string answer;
  AppendImageNumber(pixels->width, 4, &answer);
  AppendImageNumber(pixels->height, 4, &answer);
  AppendImageNumber(pixels->channels, 1, &answer);
  answer.append(pixels->bytes.begin(), pixels->bytes.end());
  return answer;
}

absl::StatusOr<std::string> Answer(absl::string_view image, uint32_t side,
                                   const ImageLimits& limits) {
  if ((side & kRawPixels) != 0) {
    return EncodePixels(image, side & ~kRawPixels, limits);
  }
  if (side != 0) return MakeThumbnail(image, side, limits);
  const absl::StatusOr<ImageFacts> facts = ReadImage(image, limits);
  if (!facts.ok()) return facts.status();
  return EncodeFacts(*facts);
}

bool ServeOne() {
  std::string bytes;
  if (!ReadAll(kImageRequestBytes, &bytes)) return false;
  absl::string_view rest = bytes;
  ImageLimits limits;
  const auto side = static_cast<uint32_t>(TakeImageNumber(4, &rest));
  limits.max_side = static_cast<uint32_t>(TakeImageNumber(4, &rest));
  limits.max_pixels = TakeImageNumber(8, &rest);
  limits.max_bytes = TakeImageNumber(4, &rest);
  std::string image;
  if (!ReadAll(limits.max_bytes, &image)) return false;
  const absl::StatusOr<std::string> answer = Answer(image, side, limits);
  const std::string text =
      answer.ok() ? *answer : std::string(answer.status().message());
  std::string response;
  AppendImageNumber(static_cast<uint64_t>(answer.status().code()), 4,
                    &response);
  AppendImageNumber(text.size(), 4, &response);
  return WriteAll(response) && WriteAll(text);
}

}  // namespace

void RunImageHelperIfAsked(int argc, char** argv) {
  if (argc != 2 || std::strcmp(argv[1], kImageHelperArgument) != 0) return;
  close_range(kFirstOther, ~0U, 0);
  if (!EnterSandbox().ok()) _exit(EXIT_FAILURE);
  while (ServeOne()) {
  }
  _exit(EXIT_SUCCESS);
}

}  // namespace portrait
