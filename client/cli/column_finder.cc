#include "client/cli/column_finder.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/cell_shape.h"
#include "client/cli/clean_cell.h"
#include "client/cli/column_words.h"
#include "client/cli/country_reader.h"

namespace portrait::cli {
namespace {

// At least this percentage of a column's filled cells must be numbers.
constexpr int kMinShareByName = 20;
constexpr int kMinShareByContent = 60;
// At least this percentage of them must have a '+' or be a JID.
constexpr int kMinMarkedShare = 50;
constexpr int kMinCountryShare = 50;
constexpr int kMinGuessShare = 80;

struct ColumnCounts {
  int filled = 0;
  int marked = 0;
  int bare = 0;
  int spoilt = 0;  // rounded numbers, and numbers with other text

  // Percentage of the filled cells; 100 if there are none.
  int Share(int cells) const {
    return filled == 0 ? 100 : cells * 100 / filled;
  }
};

ColumnCounts CountCells(const SampleTable& sample, size_t column) {
  ColumnCounts counts;
  for (const std::vector<std::string>& row : sample.rows) {
    if (column >= row.size()) continue;
    const CellShape shape = ShapeOf(row[column]);
    if (shape != CellShape::kEmpty) ++counts.filled;
    if (shape == CellShape::kContact) ++counts.marked;
    if (shape == CellShape::kBareNumber) ++counts.bare;
    if (shape == CellShape::kRounded || shape == CellShape::kNumberish) {
      ++counts.spoilt;
    }
  }
  return counts;
}

bool IsMarked(const ColumnCounts& counts) {
  const int numbers = counts.marked + counts.bare;
  return counts.marked > 0 && counts.marked * 100 >= kMinMarkedShare * numbers;
}

// The columns whose names mean phone numbers and whose cells do not contradict
// that; the clearest name first.
std::vector<size_t> ColumnsByName(const SampleTable& sample, int min_share) {
  std::vector<std::pair<size_t, size_t>> ranked;
  for (size_t i = 0; i < sample.columns.size(); ++i) {
    if (IsOwnColumn(sample.columns[i])) continue;
    const std::optional<size_t> rank = PhoneRank(sample.columns[i]);
    if (!rank.has_value()) continue;
    const ColumnCounts counts = CountCells(sample, i);
    const int numbers = counts.marked + counts.bare + counts.spoilt;
    if (counts.Share(numbers) < min_share) continue;
    const bool unsure = IsVagueName(sample.columns[i]) && !IsMarked(counts) &&
                        (numbers > 0 || min_share > 0);
    if (!unsure) ranked.emplace_back(*rank, i);
  }
  std::sort(ranked.begin(), ranked.end());
  while (!ranked.empty() && ranked.front().first < kCompanyRank &&
         ranked.back().first == kCompanyRank) {
    ranked.pop_back();
  }
  std::vector<size_t> columns;
  columns.reserve(ranked.size());
  for (const auto& [rank, column] : ranked) columns.push_back(column);
  return columns;
}

bool HasNumbers(const SampleTable& sample, const std::vector<size_t>& columns) {
  return std::any_of(columns.begin(), columns.end(), [&](size_t column) {
    const ColumnCounts counts = CountCells(sample, column);
    return counts.marked + counts.bare + counts.spoilt > 0;
  });
}

// The column with the most numbers that have a '+' or are JIDs, except columns
// whose names mean something else.
std::optional<size_t> BestByContent(const SampleTable& sample) {
  std::optional<size_t> best;
  int best_share = kMinShareByContent - 1;
  for (size_t i = 0; i < sample.columns.size(); ++i) {
    if (IsOwnColumn(sample.columns[i]) || IsOtherName(sample.columns[i])) {
      continue;
    }
    const ColumnCounts counts = CountCells(sample, i);
    const int share = counts.Share(counts.marked + counts.bare);
    if (!IsMarked(counts) || share <= best_share) continue;
    best = i;
    best_share = share;
  }
  return best;
}

std::string ListOf(const std::vector<std::string>& columns) {
  constexpr size_t kMostNamed = 30;
  constexpr size_t kMostNameBytes = 60;
  std::string list;
  for (size_t i = 0; i < columns.size() && i < kMostNamed; ++i) {
    const std::string name = CleanCell(columns[i]);
    const bool cut = name.size() > kMostNameBytes;
    absl::StrAppend(&list, i == 0 ? "" : ", ",
                    cut ? CleanCell(name.substr(0, kMostNameBytes)) : name,
                    cut ? "…" : "");
  }
  if (columns.size() > kMostNamed) {
    absl::StrAppend(&list, ", and ", columns.size() - kMostNamed, " more");
  }
  return list;
}

struct CountryCounts {
  int filled = 0;
  int understood = 0;

  bool IsShare(int percent) const {
    return understood > 0 && understood * 100 >= percent * filled;
  }
};

// Counts the filled cells of a column, and the cells for which `read` returns a
// value.
template <typename Read>
CountryCounts CountCountries(const SampleTable& sample, size_t column,
                             Read read) {
  CountryCounts counts;
  for (const std::vector<std::string>& row : sample.rows) {
    if (column >= row.size() || ShapeOf(row[column]) == CellShape::kEmpty) {
      continue;
    }
    ++counts.filled;
    if (read(row[column]).has_value()) ++counts.understood;
  }
  return counts;
}

}  // namespace

absl::StatusOr<PhoneColumns> FindPhoneColumns(const SampleTable& sample) {
  // 1. Columns whose names mean phone numbers, unless the cells contradict
  // that.
  std::vector<size_t> named = ColumnsByName(sample, kMinShareByName);
  if (HasNumbers(sample, named)) return PhoneColumns{named, "by its name"};
  // 2. The column with the most phone numbers.
  if (const auto best = BestByContent(sample)) {
    return PhoneColumns{{*best}, "by its cells"};
  }
  // 3. If no column has numbers, the name decides. The cells' errors are then
  // reported row by row.
  if (named.empty()) named = ColumnsByName(sample, /*min_share=*/0);
  if (!named.empty()) return PhoneColumns{named, "by its name alone"};
  return absl::InvalidArgumentError(
      absl::StrCat("no phone column found among: ", ListOf(sample.columns),
                   "; name it with --column"));
}

absl::StatusOr<size_t> FindNamedColumn(const std::vector<std::string>& columns,
                                       absl::string_view name) {
  if (IsOwnColumn(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "column \"", name,
        "\" is an output column of an earlier run, and cannot be the input"));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return i;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (absl::EqualsIgnoreCase(columns[i], name)) return i;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no column \"", name, "\"; the columns are: ", ListOf(columns)));
}

std::optional<size_t> FindCountryColumn(const SampleTable& sample,
                                        bool may_guess) {
  // The column that is understood in the most rows; the first of equals.
  std::optional<size_t> best;
  int best_rows = 0;
  std::optional<size_t> guess;
  const auto consider = [&](size_t column, const CountryCounts& counts,
                            int min_share) {
    if (!counts.IsShare(min_share) || counts.understood <= best_rows) return;
    best = column;
    best_rows = counts.understood;
  };
  for (size_t i = 0; i < sample.columns.size(); ++i) {
    switch (CountryNameOf(sample.columns[i])) {
      case CountryName::kNone:
        break;
      case CountryName::kCountry:
        consider(i, CountCountries(sample, i, ReadCountry), kMinCountryShare);
        break;
      case CountryName::kDialCode:
        consider(i, CountCountries(sample, i, ReadSignedDialCode),
                 kMinGuessShare);
        break;
      case CountryName::kGuess:
        if (!guess.has_value() &&
            CountCountries(sample, i, ReadCountry).IsShare(kMinGuessShare)) {
          guess = i;
        }
        break;
    }
  }
  if (best.has_value()) return best;
  return may_guess ? guess : std::nullopt;
}

}  // namespace portrait::cli
