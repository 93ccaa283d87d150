// Counts how the rows of a list are read, before the first request.
#ifndef PORTRAIT_CLIENT_CLI_LIST_SUMMARY_H_
#define PORTRAIT_CLIENT_CLI_LIST_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "client/cli/table_reader.h"

namespace portrait::cli {

// Thread-compatible.
class ListSummary {
 public:
  // Returns the line of the first row with the same contact; 0: there is none.
  int64_t Add(const InputRow& row);

  uint64_t rows() const { return rows_; }
  uint64_t refused() const { return refused_; }

  // Lines that all end with a line break:
  //   1,000 rows: 980 to look up, 12 of them duplicates; 20 refused
  //   refused: 12 empty (first in line 7), 8 too short (first in line 31)
  std::string Format() const;

 private:
  struct Refused {
    uint64_t rows = 0;
    int64_t first_line = 0;
  };

  uint64_t rows_ = 0;
  uint64_t refused_ = 0;
  uint64_t duplicates_ = 0;
  std::map<std::string, Refused> kinds_;
  // From the hash of a contact to its first line.
  absl::flat_hash_map<uint64_t, int64_t> first_lines_;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_LIST_SUMMARY_H_
