// Where an interrupted output stops. Rows are written in the list's order, so
// an output is as far as it goes a prefix of the finished one: what is to be
// done is to find its last complete record.
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
  uint64_t rows = 0;  // of the list that need not be asked about again
  uint64_t bytes =
      0;  // of the output that stay; a torn record behind them goes
  // The row of the torn record: read from the list, and to be asked about
  // first.
  std::optional<InputRow> next_row;
};

// Reads the output at `path` and the rows of `list` side by side; `list` is
// then behind `next_row`, or at the first row that has no record. An output
// that does not exist or is empty has none.
//
// Errors: INVALID_ARGUMENT when the output is not one of this list and format;
// those of reading either.
absl::StatusOr<ResumePoint> FindResumePoint(const std::string& path,
                                            const RowEncoder& encoder,
                                            TableReader& list);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_RESUME_H_
