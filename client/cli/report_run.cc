#include "client/cli/report_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/column_words.h"
#include "client/cli/columns.h"
#include "client/cli/csv.h"
#include "client/cli/input_buffer.h"
#include "client/cli/json.h"

namespace portrait::cli {
namespace {

constexpr char kResultMember[] = "portrait";
constexpr absl::string_view kLeftOut[] = {"url", "preview_url", "direct_path",
                                          "url_expires"};

bool IsLeftOut(absl::string_view column) {
  return absl::ConsumePrefix(&column, kColumnPrefix) &&
         std::find(std::begin(kLeftOut), std::end(kLeftOut), column) !=
             std::end(kLeftOut);
}

// Collects rows whose columns become known one after the other.
class RunBuilder {
 public:
  explicit RunBuilder(ReportRun& run) : run_(run) {}

  // The place of the column in each row; none if it is left out.
  std::optional<size_t> PlaceOf(const std::string& column) {
    if (IsLeftOut(column)) return std::nullopt;
    const auto [found, added] =
        places_.try_emplace(column, run_.columns.size());
    if (added) run_.columns.push_back(column);
    return found->second;
  }
  void Set(const std::string& column, std::string value,
           std::vector<std::string>* row) {
    const std::optional<size_t> place = PlaceOf(column);
    if (!place.has_value()) return;
    if (row->size() <= *place) row->resize(*place + 1);
    (*row)[*place] = std::move(value);
  }
  absl::Status Add(std::vector<std::string> row) {
    if (run_.rows.size() >= kMaxReportRows) {
      return absl::InvalidArgumentError(
          absl::StrCat("more than ", kMaxReportRows, " rows"));
    }
    run_.rows.push_back(std::move(row));
    return absl::OkStatus();
  }

 private:
  ReportRun& run_;
  absl::flat_hash_map<std::string, size_t> places_;
};

absl::Status ReadCsvRun(InputBuffer& input, RunBuilder& builder) {
  CsvReader reader(input, SniffDelimiter(input.buffered()));
  CsvRecord names;
  absl::StatusOr<bool> more = reader.Next(&names);
  if (!more.ok()) return more.status();
  CsvRecord record;
  while ((more = reader.Next(&record)).ok() && *more) {
    std::vector<std::string> row;
    const size_t cells = std::min(record.fields.size(), names.fields.size());
    for (size_t i = 0; i < cells; ++i) {
      builder.Set(names.fields[i], std::move(record.fields[i]), &row);
    }
    if (absl::Status added = builder.Add(std::move(row)); !added.ok()) {
      return added;
    }
  }
  return more.status();
}

absl::Status ReadJsonRow(absl::string_view line, RunBuilder& builder) {
  const auto members = ParseJsonObject(line);
  if (!members.ok()) return members.status();
  std::vector<std::string> row;
  for (const JsonMember& member : *members) {
    if (member.key != kResultMember) {
      builder.Set(member.key, JsonText(member.raw), &row);
      continue;
    }
    const auto ours = ParseJsonObject(member.raw);
    if (!ours.ok()) return ours.status();
    for (const JsonMember& one : *ours) {
      builder.Set(absl::StrCat(kColumnPrefix, one.key), JsonText(one.raw),
                  &row);
    }
  }
  return builder.Add(std::move(row));
}

absl::Status ReadJsonRun(InputBuffer& input, RunBuilder& builder) {
  for (int64_t line_number = 1;; ++line_number) {
    size_t end = absl::string_view::npos;
    absl::StatusOr<bool> more = true;
    while ((end = input.buffered().find('\n')) == absl::string_view::npos &&
           more.ok() && *more && input.buffered().size() <= kMaxRecordBytes) {
      more = input.Fill();
    }
    if (!more.ok()) return more.status();
    const absl::string_view line = input.buffered().substr(0, end);
    if (!absl::StripAsciiWhitespace(line).empty()) {
      absl::Status read = ReadJsonRow(line, builder);
      if (!read.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("line ", line_number, ": ", read.message()));
      }
    }
    if (end == absl::string_view::npos) return absl::OkStatus();
    input.Consume(end + 1);
  }
}

void FindColumns(ReportRun* run) {
  for (size_t i = 0; i < run->columns.size(); ++i) {
    absl::string_view name = run->columns[i];
    if (absl::ConsumePrefix(&name, kColumnPrefix)) {
      run->ours.emplace(std::string(name), i);
      continue;
    }
    const std::string lower = absl::AsciiStrToLower(name);
    if (absl::EndsWith(lower, "name")) run->titles.push_back(i);
    if (PhoneRank(name).has_value()) run->contacts.push_back(i);
  }
}

}  // namespace

absl::string_view ReportRun::Value(size_t row,
                                   absl::string_view ours_name) const {
  const auto found = ours.find(std::string(ours_name));
  if (found == ours.end() || found->second >= rows[row].size()) return "";
  return rows[row][found->second];
}

absl::StatusOr<ReportRun> ReadReportRun(const std::string& path) {
  const auto input = InputBuffer::Open(path);
  if (!input.ok()) return input.status();
  ReportRun run;
  run.source =
      path == "-" ? (*input)->name() : path.substr(path.find_last_of('/') + 1);
  const absl::StatusOr<bool> filled = (*input)->Fill();
  if (!filled.ok()) return filled.status();
  RunBuilder builder(run);
  const bool json = absl::StartsWith(
      absl::StripLeadingAsciiWhitespace((*input)->buffered()), "{");
  const absl::Status read =
      json ? ReadJsonRun(**input, builder) : ReadCsvRun(**input, builder);
  if (!read.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat((*input)->name(), ": ", read.message()));
  }
  FindColumns(&run);
  if (!run.rows.empty() && !run.ours.contains("state")) {
    return absl::InvalidArgumentError(absl::StrCat(
        (*input)->name(), ": has no column ", kColumnPrefix,
        "state; a report is made from the output of portrait enrich"));
  }
  for (auto& row : run.rows) row.resize(run.columns.size());
  return run;
}

}  // namespace portrait::cli
