#include "client/cli/display_width.h"

#include <utf8proc.h>

#include <algorithm>

namespace portrait::cli {
namespace {

// U+FE0F asks for the colourful form of the character before it.
constexpr utf8proc_int32_t kEmojiPresentation = 0xFE0F;
constexpr utf8proc_int32_t kFirstRegionalIndicator = 0x1F1E6;
constexpr utf8proc_int32_t kLastRegionalIndicator = 0x1F1FF;

struct Cluster {
  size_t bytes = 0;
  size_t width = 0;
};

// Returns the code point at the start of `text` and its size in bytes.
utf8proc_int32_t FirstCodePoint(absl::string_view text, size_t* bytes) {
  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t size =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  *bytes = static_cast<size_t>(std::max<utf8proc_ssize_t>(1, size));
  return size > 0 ? code_point : '?';
}

// Returns the first grapheme cluster of `text`, which is not empty.
Cluster FirstCluster(absl::string_view text) {
  Cluster cluster;
  utf8proc_int32_t before = 0;
  utf8proc_int32_t state = 0;
  while (cluster.bytes < text.size()) {
    size_t bytes = 0;
    const utf8proc_int32_t now =
        FirstCodePoint(text.substr(cluster.bytes), &bytes);
    if (cluster.bytes > 0 &&
        utf8proc_grapheme_break_stateful(before, now, &state)) {
      break;
    }
    const bool emoji =
        now == kEmojiPresentation ||
        (now >= kFirstRegionalIndicator && now <= kLastRegionalIndicator);
    const auto width =
        emoji ? size_t{2}
              : static_cast<size_t>(std::max(0, utf8proc_charwidth(now)));
    // The parts of a cluster are drawn over each other.
    cluster.width = std::max(cluster.width, width);
    cluster.bytes += bytes;
    before = now;
  }
  return cluster;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Cluster cluster = FirstCluster(text);
    width += cluster.width;
    text.remove_prefix(cluster.bytes);
  }
  return width;
}

absl::string_view PrefixOfWidth(absl::string_view text, size_t width) {
  size_t bytes = 0;
  while (bytes < text.size()) {
    const Cluster cluster = FirstCluster(text.substr(bytes));
    if (cluster.width > width) break;
    width -= cluster.width;
    bytes += cluster.bytes;
  }
  return text.substr(0, bytes);
}

}  // namespace portrait::cli
