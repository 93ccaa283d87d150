// Assertions of fuzz targets about the code under test.
#ifndef PORTRAIT_TESTS_FUZZ_EXPECT_H_
#define PORTRAIT_TESTS_FUZZ_EXPECT_H_

#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/utf8.h"

namespace portrait::fuzz {

// The longest message for people, which must not contain a stranger's whole
// text.
inline constexpr size_t kMaxMessageBytes = 4096;

// Aborts the process, so that the fuzzer reports the input.
inline void Expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Expects text that is safe in a log, a response or on a terminal.
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
