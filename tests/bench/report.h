// Prints the result of a benchmark as one JSON object per line.
#ifndef PORTRAIT_TESTS_BENCH_REPORT_H_
#define PORTRAIT_TESTS_BENCH_REPORT_H_

#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace portrait::bench {

// Names must not have characters that JSON escapes.
inline void Report(
    std::initializer_list<std::pair<absl::string_view, double>> figures) {
  std::string line;
  for (const auto& [name, value] : figures) {
    absl::StrAppend(&line, line.empty() ? "{" : ", ", "\"", name,
                    "\": ", value);
  }
  std::printf("%s}\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace portrait::bench

#endif  // PORTRAIT_TESTS_BENCH_REPORT_H_
