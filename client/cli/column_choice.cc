#include "client/cli/column_choice.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cli/clean_cell.h"
#include "client/cli/columns.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kPreview = "preview_url", kImagePrefix = "image_",
                            kSharedBy = "shared_by";

std::optional<size_t> FindColumn(absl::string_view name) {
  absl::ConsumePrefix(&name, kColumnPrefix);
  const auto columns = ResultColumns();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

absl::Status UnknownColumn(absl::string_view name) {
  return absl::InvalidArgumentError(absl::StrCat(
      "--columns: unknown column \"", CleanCell(name), "\"; the columns are ",
      absl::StrJoin(ResultColumns(), ", ",
                    [](std::string* text, const Column& column) {
                      absl::StrAppend(text, column.name);
                    })));
}

}  // namespace

std::string ChosenColumn::PrefixedName() const {
  return name.empty() ? absl::StrCat(kColumnPrefix, ResultColumns()[index].name)
                      : name;
}

std::string ChosenColumn::PlainName() const {
  return name.empty() ? std::string(ResultColumns()[index].name) : name;
}

std::vector<ChosenColumn> DefaultColumns(const v1::LookupOptions& options,
                                         bool saves_images) {
  const bool previews = options.size() == v1::PICTURE_SIZE_PREVIEW ||
                        options.size() == v1::PICTURE_SIZE_BOTH;
  std::vector<ChosenColumn> chosen;
  for (size_t i = 0; i < ResultColumns().size(); ++i) {
    const absl::string_view name = ResultColumns()[i].name;
    if (!previews && name == kPreview) continue;
    if (!saves_images && absl::StartsWith(name, kImagePrefix)) continue;
    if (!options.shared_by() && name == kSharedBy) continue;
    chosen.push_back({i});
  }
  return chosen;
}

bool HasImageColumn(const std::vector<ChosenColumn>& chosen) {
  return std::any_of(chosen.begin(), chosen.end(),
                     [](const ChosenColumn& column) {
                       return absl::StartsWith(
                           ResultColumns()[column.index].name, kImagePrefix);
                     });
}

absl::StatusOr<std::vector<ChosenColumn>> ParseColumns(absl::string_view text) {
  std::vector<ChosenColumn> chosen;
  std::set<std::string> names;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(halves.first);
    const std::optional<size_t> index = FindColumn(name);
    if (!index.has_value()) return UnknownColumn(name);
    ChosenColumn column{*index,
                        std::string(absl::StripAsciiWhitespace(halves.second))};
    if (!names.insert(column.PrefixedName()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--columns: two columns have the name \"",
                       CleanCell(column.PrefixedName()), "\""));
    }
    chosen.push_back(std::move(column));
  }
  return chosen;
}

bool HasColumn(const std::vector<ChosenColumn>& chosen,
               absl::string_view name) {
  return std::any_of(chosen.begin(), chosen.end(),
                     [name](const ChosenColumn& column) {
                       return ResultColumns()[column.index].name == name;
                     });
}

absl::Status CheckNames(const std::vector<ChosenColumn>& chosen,
                        const std::vector<std::string>& columns) {
  for (const ChosenColumn& column : chosen) {
    // A column of ours from an earlier run is replaced.
    const bool ours = absl::StartsWith(column.name, kColumnPrefix) &&
                      FindColumn(column.name).has_value();
    const bool there =
        std::find(columns.begin(), columns.end(), column.name) != columns.end();
    if (column.name.empty() || ours || !there) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--columns: the list already has a column \"",
                     CleanCell(column.name), "\"; choose another name"));
  }
  return absl::OkStatus();
}

}  // namespace portrait::cli
