// The pictures of a report: thumbnails, and which contacts have the same one.
#ifndef PORTRAIT_CLIENT_CLI_REPORT_IMAGES_H_
#define PORTRAIT_CLIENT_CLI_REPORT_IMAGES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/report_run.h"
#include "core/image/image_facts.h"

namespace portrait::cli {

// The side of a report's thumbnails, in pixels.
inline constexpr uint32_t kReportThumbnail = 160;
// Two pictures whose pHash differs in at most so many bits count as the same.
inline constexpr int kLookAlikeBits = 6;

// Rows whose pictures look alike, at least two.
struct LookAlikes {
  std::vector<size_t> rows;  // in their order, one for each contact
  ImageLook look = ImageLook::kPicture;
};

struct ReportImages {
  std::vector<std::string> thumbnails;  // JPEG
  // For each row the place of its picture in `thumbnails`; -1: none.
  std::vector<int64_t> pictures;
  std::map<size_t, int64_t> before;  // likewise of the picture before
  std::vector<LookAlikes> groups;    // largest first
  size_t unreadable = 0;             // files that are no pictures
  size_t left_out = 0;               // pictures beyond the limit
};

// Reads the pictures in `folder` that the run's column portrait_image_path
// names; an empty `folder`: no pictures. At most `max_pictures` files are read.
ReportImages ReadReportImages(const ReportRun& run, const std::string& folder,
                              size_t max_pictures);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_REPORT_IMAGES_H_
