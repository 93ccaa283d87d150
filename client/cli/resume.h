// Finds the end of an interrupted output. Rows are written in the list's order,
// so an interrupted output is a prefix of the finished one, and its last
// complete record determines where to continue.
#ifndef PORTRAIT_CLIENT_CLI_RESUME_H_
#define PORTRAIT_CLIENT_CLI_RESUME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/row_encoder.h"
#include "client/cli/table_reader.h"

namespace portrait::cli {

struct ResumePoint {
  uint64_t rows = 0;  // rows of the list that need not be looked up again
  // Bytes of the output to keep; an incomplete record after them is removed.
  uint64_t bytes = 0;
  // The row of the incomplete record: already read from the list, and the first
  // to be looked up.
  std::optional<InputRow> next_row;
};

// Reads the output at `path` and the rows of `list` in parallel; `list` is then
// positioned after `next_row`, or at the first row without a record. An output
// that is missing or empty has no records.
//
// Errors: INVALID_ARGUMENT if the output does not belong to this list and
// format; those of reading either.
absl::StatusOr<ResumePoint> FindResumePoint(const std::string& path,
                                            const RowEncoder& encoder,
                                            TableReader& list);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_RESUME_H_
