#include "client/cli/text_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/clean_cell.h"
#include "client/cli/display_width.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr absl::string_view kCut = "…";
// A text that is cut to fewer columns is useless.
constexpr size_t kLeastWidth = 10;

// The width to which a column may be shortened.
size_t LeastWidth(const TableColumn& column) {
  const size_t title = DisplayWidth(column.title);
  const size_t natural = std::max(column.width, title);
  return column.whole ? natural
                      : std::min(natural, std::max(kLeastWidth, title));
}

size_t TotalWidth(const std::vector<TableColumn>& columns,
                  const std::vector<size_t>& shown) {
  size_t total = shown.empty() ? 0 : (shown.size() - 1) * kGap.size();
  for (const size_t column : shown) total += LeastWidth(columns[column]);
  return total;
}

// Leaves out columns until the others fit at their least widths; always keeps
// one column.
std::vector<size_t> ColumnsThatFit(const std::vector<TableColumn>& columns,
                                   size_t limit) {
  std::vector<size_t> shown;
  for (size_t i = 0; i < columns.size(); ++i) shown.push_back(i);
  while (shown.size() > 1 && TotalWidth(columns, shown) > limit) {
    // If several columns have the same rank, the last one is chosen.
    const auto last = std::max_element(
        shown.rbegin(), shown.rend(), [&columns](size_t a, size_t b) {
          return columns[a].rank < columns[b].rank;
        });
    shown.erase(std::next(last).base());
  }
  return shown;
}

}  // namespace

TableLayout::TableLayout(std::vector<TableColumn> columns, size_t limit)
    : columns_(std::move(columns)), shown_(ColumnsThatFit(columns_, limit)) {
  for (const size_t column : shown_) {
    widths_.push_back(LeastWidth(columns_[column]));
  }
  const size_t used = TotalWidth(columns_, shown_);
  size_t room = limit > used ? limit - used : 0;
  // The room that is left widens the shortened columns, the least rank first.
  std::vector<size_t> order;
  for (size_t i = 0; i < shown_.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
    return columns_[shown_[a]].rank < columns_[shown_[b]].rank;
  });
  for (const size_t i : order) {
    const size_t natural = std::max(columns_[shown_[i]].width, widths_[i]);
    const size_t more = std::min(room, natural - widths_[i]);
    widths_[i] += more;
    room -= more;
  }
  // The rest of the line belongs to the last column.
  if (!widths_.empty()) {
    widths_.back() = limit == kNoLimit ? kNoLimit : widths_.back() + room;
  }
}

std::string TableLayout::Header() const {
  std::vector<std::string> titles;
  for (const TableColumn& column : columns_) titles.push_back(column.title);
  return Row(titles);
}

std::string TableLayout::Row(absl::Span<const std::string> cells) const {
  std::vector<std::string> shown;
  for (const size_t column : shown_) shown.push_back(cells[column]);
  return AlignRow(widths_, shown);
}

std::vector<std::string> TableLayout::LeftOut() const {
  std::vector<std::string> titles;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (std::find(shown_.begin(), shown_.end(), i) == shown_.end()) {
      titles.push_back(columns_[i].title);
    }
  }
  return titles;
}

std::string AlignRow(absl::Span<const size_t> widths,
                     absl::Span<const std::string> cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = CleanCell(cells[i]);
    if (i > 0) absl::StrAppend(&line, kGap);
    size_t width = DisplayWidth(cell);
    if (width <= widths[i]) {
      line += cell;
    } else if (widths[i] > 0) {
      const absl::string_view start = PrefixOfWidth(cell, widths[i] - 1);
      absl::StrAppend(&line, start, kCut);
      width = DisplayWidth(start) + 1;
    }
    if (i + 1 < cells.size() && width < widths[i]) {
      line.append(widths[i] - width, ' ');
    }
  }
  line.resize(line.find_last_not_of(' ') + 1);
  line.push_back('\n');
  return line;
}

std::string AlignTable(std::vector<TableColumn> columns,
                       const std::vector<std::vector<std::string>>& rows,
                       size_t limit, std::vector<std::string>* left_out) {
  std::vector<size_t> filled;
  std::vector<TableColumn> filled_columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    size_t widest = 0;
    for (const std::vector<std::string>& row : rows) {
      widest = std::max(widest, DisplayWidth(CleanCell(row[i])));
    }
    if (widest == 0) continue;
    columns[i].width = widest;
    filled.push_back(i);
    filled_columns.push_back(std::move(columns[i]));
  }
  const TableLayout layout(std::move(filled_columns), limit);
  std::string table = layout.Header();
  for (const std::vector<std::string>& row : rows) {
    std::vector<std::string> cells;
    for (const size_t column : filled) cells.push_back(row[column]);
    table += layout.Row(cells);
  }
  if (left_out != nullptr) *left_out = layout.LeftOut();
  return table;
}

std::string AlignFields(const std::vector<std::string>& names,
                        const std::vector<std::string>& values) {
  size_t widest = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!values[i].empty()) widest = std::max(widest, DisplayWidth(names[i]));
  }
  std::string lines;
  for (size_t i = 0; i < names.size(); ++i) {
    if (values[i].empty()) continue;
    lines += AlignRow({widest, kNoLimit}, {names[i], values[i]});
  }
  return lines;
}

}  // namespace portrait::cli
