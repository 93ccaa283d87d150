// ImageReader decodes pictures in child processes, so that a hostile picture
// that takes over a decoder finds nothing: the child is a fresh start of this
// program (no inherited memory), with one socket open, and the kernel kills it
// at any system call but reading, writing and taking memory (seccomp), beyond
// kHelperMemory, or when a picture takes longer than the timeout. The hash and
// the format of the bytes are computed on this side, and the child's answers
// are checked: at worst, a hostile picture lies about itself.
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_READER_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_READER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/image/image_facts.h"
#include "core/image/pixels.h"

namespace portrait {

class ImageHelper;

struct ImageReaderOptions {
  ImageLimits limits;
  // The number of child processes, and so of pictures decoded at a time.
  size_t helpers = 2;
  // For one picture; a helper that takes longer is killed.
  absl::Duration timeout = absl::Seconds(10);
  // A helper is replaced after so many pictures.
  size_t pictures_per_helper = 10'000;
  // A program whose main() begins with RunImageHelperIfAsked.
  std::string program = "/proc/self/exe";
};

// Call it first in main(): if this process was started as a helper, it serves
// pictures until its parent closes the socket, and does not return.
void RunImageHelperIfAsked(int argc, char** argv);

// Thread-safe; blocks. Helpers are started when they are needed, and end with
// the reader.
//
// Errors of all methods, in addition to those of ReadImage: INVALID_ARGUMENT
// if the picture ended its helper or took too long, UNAVAILABLE if no helper
// can be started.
class ImageReader {
 public:
  explicit ImageReader(ImageReaderOptions options);
  ~ImageReader();
  ImageReader(const ImageReader&) = delete;
  ImageReader& operator=(const ImageReader&) = delete;

  absl::StatusOr<ImageFacts> Read(absl::string_view bytes);
  // `side`: at most kLargeThumbnail.
  absl::StatusOr<std::string> Thumbnail(absl::string_view bytes, uint32_t side);
  // The pixels of a thumbnail; `side` likewise.
  absl::StatusOr<Pixels> Shrink(absl::string_view bytes, uint32_t side);

  const ImageLimits& limits() const { return options_.limits; }

 private:
  absl::StatusOr<std::unique_ptr<ImageHelper>> TakeHelper();
  void GiveBack(std::unique_ptr<ImageHelper> helper);
  absl::StatusOr<std::string> Ask(absl::string_view bytes, uint32_t side);

  const ImageReaderOptions options_;

  absl::Mutex mu_;
  std::vector<std::unique_ptr<ImageHelper>> idle_ ABSL_GUARDED_BY(mu_);
  size_t in_use_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_READER_H_
