// What fuzz targets state about the code they run.
#ifndef PORTRAIT_TESTS_FUZZ_EXPECT_H_
#define PORTRAIT_TESTS_FUZZ_EXPECT_H_

#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/utf8.h"

namespace portrait::fuzz {

// What is told to people: enough to act on, and no stranger's essay.
inline constexpr size_t kMaxMessageBytes = 4096;

// Ends the process, which the fuzzer reports with the input.
inline void Expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Text that goes into a log, an answer or a terminal.
inline void ExpectPresentable(absl::string_view text) {
  Expect(text.size() <= kMaxMessageBytes, "a message is short");
  Expect(IsUtf8(text), "a message is UTF-8");
  for (const char c : text) {
    Expect(static_cast<unsigned char>(c) >= ' ' && c != '\x7F',
           "a message is one line without control characters");
  }
}

inline void ExpectPresentable(const absl::Status& status) {
  ExpectPresentable(absl::string_view(status.message()));
}

}  // namespace portrait::fuzz

#endif  // PORTRAIT_TESTS_FUZZ_EXPECT_H_
