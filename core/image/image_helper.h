// ImageHelper is the parent's end of one helper process.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_HELPER_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_HELPER_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/image/image_facts.h"

namespace portrait {

// The argument that makes a program a helper. The socket is descriptor 0.
inline constexpr char kImageHelperArgument[] = "--picture-helper";

// Thread-compatible. The destructor ends the process.
class ImageHelper {
 public:
  // Errors: UNAVAILABLE if no process can be started.
  static absl::StatusOr<std::unique_ptr<ImageHelper>> Start(
      const std::string& program);
  ~ImageHelper();
  ImageHelper(const ImageHelper&) = delete;
  ImageHelper& operator=(const ImageHelper&) = delete;

  // The answer to one request; see image_wire.h. After ABORTED the helper has
  // ended or takes too long, and cannot be asked again.
  absl::StatusOr<std::string> Ask(absl::string_view image, uint32_t side,
                                  const ImageLimits& limits,
                                  absl::Duration timeout);
  size_t asked() const { return asked_; }

 private:
  ImageHelper(pid_t process, int socket) : process_(process), socket_(socket) {}

  absl::Status Send(absl::string_view bytes, absl::Time deadline);
  absl::StatusOr<std::string> Receive(size_t size, absl::Time deadline);
  absl::Status WaitFor(short events, absl::Time deadline);

  const pid_t process_;
  const int socket_;
  size_t asked_ = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_HELPER_H_
