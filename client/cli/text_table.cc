#include "client/cli/text_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/utf8.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr absl::string_view kCut = "…";

// The first `width` characters of clean text.
absl::string_view Prefix(absl::string_view text, size_t width) {
  size_t bytes = 0;
  for (size_t i = 0; i < width && bytes < text.size(); ++i) {
    bytes += std::max<size_t>(1, client::Utf8CharacterSize(text.substr(bytes)));
  }
  return text.substr(0, bytes);
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string CleanCell(absl::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const size_t size = client::Utf8CharacterSize(text);
    // U+0080 to U+009F are control characters as well.
    const bool control = byte < 0x20 || byte == 0x7F ||
                         (byte == 0xC2 && size == 2 &&
                          static_cast<unsigned char>(text[1]) < 0xA0);
    if (size == 0 || control) {
      clean.push_back('?');
    } else {
      absl::StrAppend(&clean, text.substr(0, size));
    }
    text.remove_prefix(std::max<size_t>(1, size));
  }
  return clean;
}

std::string AlignRow(absl::Span<const size_t> widths,
                     absl::Span<const std::string> cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = CleanCell(cells[i]);
    if (i > 0) absl::StrAppend(&line, kGap);
    const size_t width = DisplayWidth(cell);
    if (i + 1 == cells.size()) {
      line += cell;
    } else if (width > widths[i]) {
      absl::StrAppend(&line, Prefix(cell, widths[i] - 1), kCut);
    } else {
      absl::StrAppend(&line, cell, std::string(widths[i] - width, ' '));
    }
  }
  line.resize(line.find_last_not_of(' ') + 1);
  line.push_back('\n');
  return line;
}

std::string AlignTable(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> columns;
  std::vector<size_t> widths;
  for (size_t i = 0; i < header.size(); ++i) {
    size_t widest = 0;
    for (const std::vector<std::string>& row : rows) {
      widest = std::max(widest, DisplayWidth(CleanCell(row[i])));
    }
    if (widest == 0) continue;
    columns.push_back(i);
    widths.push_back(std::max(widest, DisplayWidth(header[i])));
  }
  const auto align = [&](const std::vector<std::string>& row) {
    std::vector<std::string> cells;
    for (const size_t column : columns) cells.push_back(row[column]);
    return AlignRow(widths, cells);
  };
  std::string table = align(header);
  for (const std::vector<std::string>& row : rows) table += align(row);
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
    lines += AlignRow({widest, 0}, {names[i], values[i]});
  }
  return lines;
}

}  // namespace portrait::cli
