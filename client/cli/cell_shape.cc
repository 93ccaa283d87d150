#include "client/cli/cell_shape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "core/contact/contact.h"
#include "core/contact/contact_text.h"
#include "core/contact/number_shape.h"
#include "core/contact/refusal.h"

namespace portrait::cli {
namespace {

constexpr size_t kMinDigits = 7;
constexpr size_t kMaxDigits = 15;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// 2026-09-23, 23.09.2026, 9/23/2026, with or without a time.
bool IsDate(absl::string_view text) {
  std::vector<int> lengths = {0};
  char separator = '\0';
  for (const char c : text) {
    if (c == ' ' || c == 'T') break;
    if (IsDigit(c)) {
      ++lengths.back();
      continue;
    }
    if (!absl::StrContains("-./", c)) return false;
    if (separator != '\0' && c != separator) return false;
    separator = c;
    lengths.push_back(0);
  }
  return lengths.size() == 3 && lengths[1] >= 1 && lengths[1] <= 2 &&
         ((lengths[0] == 4 && lengths[2] <= 2) ||
          (lengths[0] <= 2 && lengths[2] == 4));
}

// The shape of a text that is not a single number.
CellShape ShapeOfRefused(Refusal refusal, absl::string_view text) {
  if (refusal == Refusal::kSpreadsheet) return CellShape::kRounded;
  const auto digits = std::count_if(text.begin(), text.end(), IsDigit);
  return digits >= static_cast<std::ptrdiff_t>(kMinDigits)
             ? CellShape::kNumberish
             : CellShape::kText;
}

}  // namespace

CellShape ShapeOf(absl::string_view cell) {
  if (cell.empty()) return CellShape::kEmpty;
  if (cell.size() > kMaxContactBytes) return CellShape::kText;
  const absl::StatusOr<ContactText> cleaned = CleanContactText(cell);
  if (!cleaned.ok()) {
    return RefusalOf(cleaned.status()) == Refusal::kEmpty ? CellShape::kEmpty
                                                          : CellShape::kText;
  }
  const absl::string_view text = cleaned->text;
  if (absl::StrContains(text, "@")) {
    return ParseContact(cell).ok() ? CellShape::kContact : CellShape::kText;
  }
  if (IsDate(text)) return CellShape::kDate;
  const absl::StatusOr<NumberShape> number = ReadNumberShape(text);
  if (!number.ok()) return ShapeOfRefused(RefusalOf(number.status()), text);
  const size_t digits = number->digits.size();
  if (digits < kMinDigits) return CellShape::kText;
  if (digits > kMaxDigits) return CellShape::kNumberish;
  return number->has_plus || cleaned->is_international ? CellShape::kContact
                                                       : CellShape::kBareNumber;
}

}  // namespace portrait::cli
