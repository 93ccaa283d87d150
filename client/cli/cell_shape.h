// What a cell of a list looks like, for finding the columns and the header: the
// first steps of core/contact's reading, without any country's number plan.
#ifndef PORTRAIT_CLIENT_CLI_CELL_SHAPE_H_
#define PORTRAIT_CLIENT_CLI_CELL_SHAPE_H_

#include "absl/strings/string_view.h"

namespace portrait::cli {

enum class CellShape {
  kEmpty,       // also if it holds invisible marks only
  kContact,     // a number with '+', a JID, a wa.me link
  kBareNumber,  // 7 to 15 digits with what people put between them, no '+'
  kRounded,     // 4.91512E+12: what a spreadsheet makes of a number
  kNumberish,   // has as many digits as a number, and something else
  kDate,
  kText,
};

// Looks past what CleanContactText removes: quotation marks, "=", invisible
// marks, labels ("tel:"), other scripts' digits.
CellShape ShapeOf(absl::string_view cell);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CELL_SHAPE_H_
