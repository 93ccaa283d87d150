// Classifies a list's cells, to find its columns and its header. Runs the first
// steps of core/contact's parser, without the number plan of any country.
#ifndef PORTRAIT_CLIENT_CLI_CELL_SHAPE_H_
#define PORTRAIT_CLIENT_CLI_CELL_SHAPE_H_

#include "absl/strings/string_view.h"

namespace portrait::cli {

enum class CellShape {
  kEmpty,       // also if it has invisible marks only
  kContact,     // a number with '+', a JID, a wa.me link
  kBareNumber,  // 7 to 15 digits with separators, no '+'
  kRounded,     // 4.91512E+12: a number that a spreadsheet has rounded
  kNumberish,   // has as many digits as a number, and other text
  kDate,
  kText,
};

// Ignores the text that CleanContactText removes: quotation marks, "=",
// invisible marks, labels ("tel:"); accepts other scripts' digits.
CellShape ShapeOf(absl::string_view cell);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_CELL_SHAPE_H_
