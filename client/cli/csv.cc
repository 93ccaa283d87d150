#include "client/cli/csv.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace portrait::cli {

absl::StatusOr<bool> CsvReader::Next(CsvRecord* record) {
  record->fields.clear();
  record->quoted.clear();
  record->line = line_;
  record_bytes_ = 0;
  while (true) {
    if (input_.buffered().empty()) {
      const absl::StatusOr<bool> more = input_.Fill();
      if (!more.ok()) return more.status();
      if (!*more) {
        if (state_ == State::kQuoted) {
          return absl::InvalidArgumentError(
              absl::StrCat("line ", quote_line_,
                           ": the quote that opens here is never closed"));
        }
        return EndRecord(record);
      }
    }
    const absl::string_view chunk = input_.buffered();
    for (size_t i = 0; i < chunk.size(); ++i) {
      if (chunk[i] == '\0') return Malformed("has a NUL byte: not a text file");
      if (++record_bytes_ > kMaxRecordBytes) {
        return Malformed(absl::StrCat("longer than ", kMaxRecordBytes,
                                      " bytes (is a quote not closed?)"));
      }
      if (Take(chunk[i], record)) {
        input_.Consume(i + 1);
        return true;
      }
    }
    input_.Consume(chunk.size());
  }
}

bool CsvReader::Take(char c, CsvRecord* record) {
  const bool second_half = after_return_ && c == '\n';
  after_return_ = c == '\r';
  const bool line_break = c == '\n' || c == '\r';
  if (line_break && !second_half) ++line_;

  if (state_ == State::kQuoted) {
    if (c == '"') {
      state_ = State::kQuoteInQuoted;
    } else {
      field_.push_back(c);
    }
    return false;
  }
  if (second_half) return false;
  if (line_break) return EndRecord(record);
  if (c == delimiter_) {
    EndField(record);
    return false;
  }
  if (c == '"' && state_ == State::kFieldStart) {
    state_ = State::kQuoted;
    quote_line_ = line_;
    return false;
  }
  // A doubled quote is one quote; other text after a closing quote is kept as
  // it is.
  if (state_ == State::kQuoteInQuoted && c == '"') {
    state_ = State::kQuoted;
    field_.push_back(c);
    return false;
  }
  if (state_ != State::kQuoteInQuoted) state_ = State::kBare;
  field_.push_back(c);
  return false;
}

bool CsvReader::EndRecord(CsvRecord* record) {
  const bool blank =
      record->fields.empty() && state_ == State::kFieldStart && field_.empty();
  if (blank) {
    record->line = line_;
    record_bytes_ = 0;
    return false;
  }
  EndField(record);
  return true;
}

void CsvReader::EndField(CsvRecord* record) {
  record->quoted.push_back(state_ == State::kQuoteInQuoted);
  record->fields.push_back(std::move(field_));
  field_.clear();
  state_ = State::kFieldStart;
}

absl::Status CsvReader::Malformed(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": ", what));
}

void AppendCsvField(absl::string_view field, char delimiter, std::string* out,
                    bool quoted) {
  quoted = quoted || field.find_first_of("\"\r\n") != absl::string_view::npos ||
           field.find(delimiter) != absl::string_view::npos ||
           (!field.empty() && (field.front() == ' ' || field.back() == ' '));
  if (!quoted) {
    absl::StrAppend(out, field);
    return;
  }
  out->push_back('"');
  for (const char c : field) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

namespace {

constexpr absl::string_view kDelimiters = ",;\t|";
constexpr size_t kSniffedRecords = 100;

// The number of each delimiter in a record, outside quotes.
using DelimiterCounts = std::array<size_t, kDelimiters.size()>;

std::vector<DelimiterCounts> CountDelimiters(absl::string_view sample) {
  std::vector<DelimiterCounts> records;
  DelimiterCounts counts{};
  bool quoted = false;
  bool filled = false;
  for (const char c : sample) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '\n' || c == '\r')) {
      if (filled) records.push_back(counts);
      if (records.size() == kSniffedRecords) return records;
      counts = {};
      filled = false;
      continue;
    }
    filled = true;
    const size_t at = kDelimiters.find(c);
    if (!quoted && at != absl::string_view::npos) ++counts[at];
  }
  if (filled) records.push_back(counts);
  return records;
}

}  // namespace

std::optional<char> DelimiterLine(absl::string_view sample) {
  const absl::string_view line = sample.substr(0, sample.find_first_of("\r\n"));
  constexpr size_t kLineBytes = 5;  // "sep=;"
  if (line.size() != kLineBytes || !absl::StartsWithIgnoreCase(line, "sep=") ||
      kDelimiters.find(line.back()) == absl::string_view::npos) {
    return std::nullopt;
  }
  return line.back();
}

char SniffDelimiter(absl::string_view sample) {
  if (const auto said = DelimiterLine(sample)) return *said;
  const std::vector<DelimiterCounts> records = CountDelimiters(sample);
  if (records.empty()) return ',';
  const DelimiterCounts& first = records.front();
  size_t best = 0;
  // If several are equally consistent, the comma loses, because names contain
  // it: "Ames, Ann;+49…".
  std::tuple<size_t, bool, size_t> best_score;
  for (size_t i = 0; i < kDelimiters.size(); ++i) {
    if (first[i] == 0) continue;
    const auto alike = static_cast<size_t>(std::count_if(
        records.begin(), records.end(),
        [&](const DelimiterCounts& counts) { return counts[i] == first[i]; }));
    const auto score = std::tuple(alike, kDelimiters[i] != ',', first[i]);
    if (score <= best_score) continue;
    best = i;
    best_score = score;
  }
  return kDelimiters[best];
}

}  // namespace portrait::cli
