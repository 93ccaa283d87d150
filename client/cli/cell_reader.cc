#include "client/cli/cell_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/contact/contact.h"
#include "core/contact/refusal.h"

namespace portrait::cli {
namespace {

std::vector<std::string> PartsOf(absl::string_view cell,
                                 absl::string_view separators) {
  std::vector<std::string> parts;
  for (absl::string_view part :
       absl::StrSplit(cell, absl::ByAnyChar(separators))) {
    part = absl::StripAsciiWhitespace(part);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

// The parts of one line if each of them is a number; otherwise the line.
std::vector<std::string> SplitLine(const std::string& line,
                                   absl::string_view country) {
  const auto is_read = [country](const std::string& part) {
    return ReadContact(part, country).ok();
  };
  if (is_read(line)) return {line};
  for (const absl::string_view separators : {";,|", ";,|/"}) {
    std::vector<std::string> parts = PartsOf(line, separators);
    if (parts.size() > 1 && std::all_of(parts.begin(), parts.end(), is_read)) {
      return parts;
    }
  }
  return {line};
}

}  // namespace

CellReading ReadCell(absl::string_view cell, absl::string_view country) {
  CellReading read;
  absl::StatusOr<ContactReading> reading = ReadContact(cell, country);
  if (!reading.ok()) {
    const Refusal refusal = RefusalOf(reading.status());
    read.refusal = std::string(reading.status().message());
    read.refusal_kind = RefusalName(refusal);
    if (refusal == Refusal::kSeveralNumbers &&
        SplitCell(cell, country).size() > 1) {
      absl::StrAppend(&read.refusal, "; --split-cells looks up each of them");
    }
    return read;
  }
  const Contact& contact = reading->contact;
  // No country's rules apply to a JID, which is sent as it is.
  const bool is_jid =
      contact.kind != ContactKind::kPhoneNumber || absl::StrContains(cell, "@");
  read.asked = is_jid ? contact.jid.ToString() : contact.phone_number;
  read.removed = std::move(reading->removed);
  return read;
}

std::vector<std::string> SplitCell(absl::string_view cell,
                                   absl::string_view country) {
  if (cell.size() > kMaxContactBytes) return {std::string(cell)};
  const std::vector<std::string> lines =
      PartsOf(absl::StrReplaceAll(cell, {{":::", "\n"}}), "\r\n");
  std::vector<std::string> numbers;
  for (const std::string& line : lines) {
    for (std::string& part : SplitLine(line, country)) {
      numbers.push_back(std::move(part));
    }
  }
  if (numbers.empty()) numbers.emplace_back(cell);
  return numbers;
}

}  // namespace portrait::cli
