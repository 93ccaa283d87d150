// The settings of images.
#ifndef PORTRAIT_SERVER_IMAGE_OPTIONS_H_
#define PORTRAIT_SERVER_IMAGE_OPTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "core/image/cdn_fetcher.h"
#include "core/image/image_reader.h"
#include "core/image/s3_blobs.h"

namespace portrait {

struct ImageOptions {
  std::string place;  // a folder, or s3://BUCKET/PREFIX; empty: no images
  bool fetches_all = false;  // of lookups that do not say
  std::string key_file;      // seals the images; empty: they are not sealed
  absl::Duration keep_replaced = absl::Hours(30 * 24);
  CdnFetcherOptions fetcher;
  ImageReaderOptions reader;
  S3Options s3;                     // without bucket, prefix and credentials
  std::string s3_credentials_file;  // empty: the environment
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGE_OPTIONS_H_
