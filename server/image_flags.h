// Flags of images.
#ifndef PORTRAIT_SERVER_IMAGE_FLAGS_H_
#define PORTRAIT_SERVER_IMAGE_FLAGS_H_

#include "absl/status/status.h"
#include "server/flags.h"
#include "server/image_options.h"

namespace portrait {

void AddImageFlags(Flags& flags, ImageOptions* options);
// Errors: INVALID_ARGUMENT naming the flag.
absl::Status CheckImageFlags(const ImageOptions& options);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGE_FLAGS_H_
