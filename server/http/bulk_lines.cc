#include "server/http/bulk_lines.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/utf8.h"
#include "server/http/json.h"
#include "server/http/picture_json.h"
#include "server/http/wire_fields.h"

namespace portrait::http {
namespace {

constexpr size_t kMaxLineBytes = 64 << 10;
// Longer ones are refused by the lookup.
constexpr size_t kMaxContactBytes = 1025;

// Reads a flat JSON object of strings without escapes and of numbers:
// {"tag":"1","contact":"+13105551234"}. Returns false for any other JSON, and
// for a field that it does not know.
class FlatItem {
 public:
  explicit FlatItem(absl::string_view text) : rest_(text) {}

  bool Read(v1::EnrichItem* item) {
    if (!Take('{')) return false;
    do {
      absl::string_view name, value;
      bool is_text = false;
      if (!ReadText(&name) || !Take(':') || !ReadValue(&value, &is_text) ||
          !Set(name, value, is_text, item)) {
        return false;
      }
    } while (Take(','));
    return Take('}') && (SkipSpace(), rest_.empty());
  }

 private:
  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool ReadText(absl::string_view* text) {
    if (!Take('"')) return false;
    const size_t end = rest_.find('"');
    if (end == absl::string_view::npos) return false;
    *text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    for (const char c : *text) {
      if (c == '\\' || static_cast<unsigned char>(c) < ' ') return false;
    }
    return true;
  }
  bool ReadValue(absl::string_view* value, bool* is_text) {
    SkipSpace();
    *is_text = !rest_.empty() && rest_[0] == '"';
    if (*is_text) return ReadText(value);
    size_t end = 0;
    while (end < rest_.size() && absl::ascii_isdigit(rest_[end])) ++end;
    *value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return end > 0;
  }
  static bool Set(absl::string_view name, absl::string_view value, bool is_text,
                  v1::EnrichItem* item) {
    if (name == "tag") {
      uint64_t tag = 0;
      if (!absl::SimpleAtoi(value, &tag)) return false;
      item->set_tag(tag);
      return true;
    }
    if (!is_text || !IsUtf8(value)) return false;
    if (name == "contact") {
      item->set_contact(std::string(value));
    } else if (name == "existingId" || name == "existing_id") {
      item->set_existing_id(std::string(value));
    } else if (name == "country") {
      item->set_country(std::string(value));
    } else {
      return false;
    }
    return true;
  }

  absl::string_view rest_;
};

// Writes a result as protobuf does; false for one that only protobuf can write.
bool WriteFast(absl::string_view result, std::string* out) {
  *out += '{';
  int last = 0;
  WireFields fields(result);
  while (fields.Next()) {
    if (fields.number() <= last) return false;
    if (last > 0) *out += ',';
    last = fields.number();
    if (last == v1::EnrichResult::kTagFieldNumber && !fields.has_length() &&
        fields.value() != 0) {
      absl::StrAppend(out, "\"tag\":\"", fields.value(), "\"");
    } else if (last == v1::EnrichResult::kProfilePictureFieldNumber &&
               fields.has_length()) {
      *out += "\"profilePicture\":";
      if (!AppendPictureJson(fields.content(), out)) return false;
    } else {
      return false;
    }
  }
  *out += '}';
  return fields.is_at_end();
}

}  // namespace

absl::Status ItemReader::Read(absl::string_view bytes, bool is_last,
                              v1::EnrichProfilePicturesRequest* request) {
  size_t end = 0;
  while ((end = bytes.find('\n')) != absl::string_view::npos) {
    if (rest_.empty()) {
      AddLine(bytes.substr(0, end), request);
    } else {
      rest_.append(bytes.data(), end);
      AddLine(std::exchange(rest_, ""), request);
    }
    bytes.remove_prefix(end + 1);
  }
  rest_.append(bytes.data(), bytes.size());
  if (rest_.size() > kMaxLineBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "line ", line_ + 1, " is longer than ", kMaxLineBytes, " bytes"));
  }
  if (is_last && !rest_.empty()) AddLine(std::exchange(rest_, ""), request);
  return absl::OkStatus();
}

void ItemReader::AddLine(absl::string_view line,
                         v1::EnrichProfilePicturesRequest* request) {
  ++line_;
  line = absl::StripAsciiWhitespace(line);
  if (line.empty()) return;
  v1::EnrichItem* const item = request->add_items();
  bool is_item = false;
  if (line[0] == '{') {
    is_item = FlatItem(line).Read(item);
    if (!is_item) {
      item->Clear();
      is_item = ReadJson(line, UnknownFields::kRefuse, item).ok();
    }
  } else if (line[0] == '"') {
    // A JSON string is read as the only field of an item.
    is_item = ReadJson(absl::StrCat("{\"contact\":", line, "}"),
                       UnknownFields::kRefuse, item)
                  .ok();
  }
  if (!is_item) {
    item->Clear();
    item->set_contact(ValidUtf8(line.substr(0, kMaxContactBytes)));
  }
  if (item->tag() == 0) item->set_tag(line_);
}

void AppendResultLine(absl::string_view result, std::string* lines) {
  const size_t before = lines->size();
  if (WriteFast(result, lines)) {
    *lines += '\n';
    return;
  }
  lines->resize(before);
  const absl::StatusOr<std::string> json =
      WriteJson(*v1::EnrichResult::descriptor(), std::string(result));
  // Every result can be written; its strings are valid UTF-8.
  if (json.ok()) absl::StrAppend(lines, *json, "\n");
}

bool AppendResultLines(absl::string_view response, std::string* lines) {
  WireFields fields(response);
  while (fields.Next()) {
    if (fields.number() ==
            v1::EnrichProfilePicturesResponse::kResultsFieldNumber &&
        fields.has_length()) {
      AppendResultLine(fields.content(), lines);
    }
  }
  return fields.is_at_end();
}

}  // namespace portrait::http
