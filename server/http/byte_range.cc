#include "server/http/byte_range.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace portrait::http {
namespace {

bool IsNumber(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// More digits than a number can hold mean the largest one.
uint64_t NumberOf(absl::string_view digits) {
  uint64_t number = 0;
  return absl::SimpleAtoi(digits, &number) ? number : UINT64_MAX;
}

}  // namespace

std::optional<ByteRange> ParseByteRange(absl::string_view header,
                                        uint64_t size) {
  header = absl::StripAsciiWhitespace(header);
  if (!absl::ConsumePrefix(&header, "bytes=")) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(header, absl::MaxSplits('-', 1));
  const bool has_first = !ends.first.empty(), has_last = !ends.second.empty();
  if ((has_first && !IsNumber(ends.first)) ||
      (has_last && !IsNumber(ends.second)) || (!has_first && !has_last)) {
    return std::nullopt;
  }
  if (!has_first) {  // the last bytes
    return ByteRange{size - std::min(size, NumberOf(ends.second)), size};
  }
  const uint64_t first = NumberOf(ends.first);
  const uint64_t last = has_last ? NumberOf(ends.second) : UINT64_MAX;
  if (last < first) return std::nullopt;
  if (first >= size) return ByteRange{first, first};
  return ByteRange{first, std::min(last, size - 1) + 1};
}

}  // namespace portrait::http
