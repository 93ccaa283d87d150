// Makes and verifies signed picture URLs in WhatsApp's form:
//
//   BASE/v/t61.24694-24/<subject>_<picture id>_<pixels>_n.jpg
//       ?ccb=11-4&oh=01_<signature>&oe=<expiry>&_nc_sid=5e03e0&_nc_ohc=<nonce>
//
// `oe` is the expiry in hexadecimal Unix seconds. `oh` signs the path and every
// other parameter.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_PICTURE_URLS_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_PICTURE_URLS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/clock.h"

namespace portrait::sim {

inline constexpr int kImagePixels = 640;
inline constexpr int kPreviewPixels = 96;

// A file on the CDN.
struct PictureFile {
  uint64_t subject = 0;    // the account or group
  std::string picture_id;  // decimal
  int pixels = kImagePixels;

  bool operator==(const PictureFile&) const = default;
};

// Thread-safe.
class PictureUrls {
 public:
  struct Options {
    std::string base_url;  // "http://127.0.0.1:1234"
    std::string key;       // the signing key
    absl::Duration life = absl::Hours(24);
    Clock clock = SystemClock();
  };
  explicit PictureUrls(Options options) : options_(std::move(options)) {}

  struct Signed {
    std::string url;
    std::string direct_path;  // the URL without scheme and host
  };
  // Returns a different URL at each call, as WhatsApp does.
  Signed Sign(const PictureFile& file) const;

  // Returns the file for `direct_path` (a request's target).
  //
  // Errors: NOT_FOUND for a path that is not a picture's, PERMISSION_DENIED for
  // an expired or changed one; the message is the real CDN's.
  absl::StatusOr<PictureFile> Check(absl::string_view direct_path) const;

 private:
  const Options options_;
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_PICTURE_URLS_H_
