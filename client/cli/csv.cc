#include "client/cli/csv.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace portrait::cli {

absl::StatusOr<bool> CsvReader::Next(CsvRecord* record) {
  record->fields.clear();
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
  // A doubled quote stands for one; anything else after the closing quote is
  // taken as it is.
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
  record->fields.push_back(std::move(field_));
  field_.clear();
  state_ = State::kFieldStart;
}

absl::Status CsvReader::Malformed(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": ", what));
}

void AppendCsvField(absl::string_view field, char delimiter, std::string* out) {
  const bool quoted =
      field.find_first_of("\"\r\n") != absl::string_view::npos ||
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

char SniffDelimiter(absl::string_view sample) {
  std::map<char, int> counts = {{',', 0}, {';', 0}, {'\t', 0}, {'|', 0}};
  bool quoted = false;
  bool seen_text = false;
  for (const char c : sample) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') {
      if (seen_text) break;
      continue;
    }
    seen_text = true;
    if (const auto found = counts.find(c); found != counts.end()) {
      ++found->second;
    }
  }
  char best = ',';
  for (const auto& [delimiter, count] : counts) {
    if (count > counts[best]) best = delimiter;
  }
  return best;
}

}  // namespace portrait::cli
