#include "client/cli/json.h"

#include <cstdint>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/utf8.h"

namespace portrait::cli {
namespace {

constexpr int kMaxDepth = 64;

// Scans JSON text. Each Skip… function advances past the named element, or
// notes an error and returns false.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  bool SkipObject(std::vector<JsonMember>* members, int depth);
  void SkipSpace() {
    while (at_ < text_.size() && absl::StrContains(" \t\r\n", text_[at_])) {
      ++at_;
    }
  }
  bool AtEnd() const { return at_ == text_.size(); }
  bool Fail(absl::string_view expected) {
    if (error_.empty()) {
      error_ = absl::StrCat("expected ", expected, " at character ", at_ + 1);
    }
    return false;
  }
  const std::string& error() const { return error_; }

 private:
  bool SkipValue(int depth);
  bool SkipArray(int depth);
  bool SkipString();
  bool SkipEscape();
  bool SkipNumber();
  bool SkipDigits();
  bool SkipWord(absl::string_view word);
  bool Eat(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  const absl::string_view text_;
  size_t at_ = 0;
  std::string error_;
};

bool Scanner::SkipObject(std::vector<JsonMember>* members, int depth) {
  if (depth > kMaxDepth) return Fail("fewer levels of nesting");
  if (!Eat('{')) return Fail("'{'");
  SkipSpace();
  if (Eat('}')) return true;
  while (true) {
    SkipSpace();
    const size_t key = at_;
    if (Peek() != '"') return Fail("a key in quotes");
    if (!SkipString()) return false;
    const size_t key_end = at_;
    SkipSpace();
    if (!Eat(':')) return Fail("':'");
    SkipSpace();
    const size_t value = at_;
    if (!SkipValue(depth)) return false;
    if (members != nullptr) {
      members->push_back({JsonText(text_.substr(key, key_end - key)),
                          std::string(text_.substr(value, at_ - value))});
    }
    SkipSpace();
    if (Eat('}')) return true;
    if (!Eat(',')) return Fail("',' or '}'");
  }
}

bool Scanner::SkipArray(int depth) {
  if (depth > kMaxDepth) return Fail("fewer levels of nesting");
  Eat('[');
  SkipSpace();
  if (Eat(']')) return true;
  while (true) {
    SkipSpace();
    if (!SkipValue(depth)) return false;
    SkipSpace();
    if (Eat(']')) return true;
    if (!Eat(',')) return Fail("',' or ']'");
  }
}

bool Scanner::SkipValue(int depth) {
  switch (Peek()) {
    case '{':
      return SkipObject(nullptr, depth + 1);
    case '[':
      return SkipArray(depth + 1);
    case '"':
      return SkipString();
    case 't':
      return SkipWord("true");
    case 'f':
      return SkipWord("false");
    case 'n':
      return SkipWord("null");
    default:
      return SkipNumber();
  }
}

bool Scanner::SkipWord(absl::string_view word) {
  if (!absl::StartsWith(text_.substr(at_), word)) return Fail("a value");
  at_ += word.size();
  return true;
}

bool Scanner::SkipString() {
  Eat('"');
  while (!AtEnd()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) break;
    if (c == '\\') {
      if (!SkipEscape()) return false;
      continue;
    }
    const size_t size = client::Utf8CharacterSize(text_.substr(at_));
    if (size == 0) return Fail("UTF-8 text");
    at_ += size;
  }
  return Fail("'\"'");
}

bool Scanner::SkipEscape() {
  Eat('\\');
  if (Eat('u')) {
    for (int i = 0; i < 4; ++i, ++at_) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(Peek()))) {
        return Fail("four hexadecimal digits");
      }
    }
    return true;
  }
  if (AtEnd() || !absl::StrContains("\"\\/bfnrt", text_[at_])) {
    return Fail("a valid escape sequence");
  }
  ++at_;
  return true;
}

bool Scanner::SkipDigits() {
  const size_t start = at_;
  while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) ++at_;
  return at_ > start || Fail("a value");
}

bool Scanner::SkipNumber() {
  Eat('-');
  if (!Eat('0') && !SkipDigits()) return false;
  if (Eat('.') && !SkipDigits()) return false;
  if (Eat('e') || Eat('E')) {
    if (!Eat('+')) Eat('-');
    return SkipDigits();
  }
  return true;
}

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr uint8_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out->push_back(static_cast<char>(kLead[more] | (code >> (6 * more))));
  for (int i = more - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F)));
  }
}

// The code unit of a "\uXXXX" at the start of `text`; -1 if there is none.
int CodeUnit(absl::string_view text) {
  if (text.size() < 6 || !absl::StartsWith(text, "\\u")) return -1;
  int value = 0;
  if (!absl::SimpleHexAtoi(text.substr(2, 4), &value)) return -1;
  return value;
}

// Decodes the escape at the start of `text`; returns its length.
size_t AppendEscape(absl::string_view text, std::string* out) {
  constexpr int kHigh = 0xD800;
  constexpr int kLow = 0xDC00;
  constexpr int kEnd = 0xE000;
  constexpr uint32_t kReplacement = 0xFFFD;
  const int unit = CodeUnit(text);
  if (unit < 0) {
    constexpr absl::string_view kLetters = "bfnrt";
    constexpr absl::string_view kMeant = "\b\f\n\r\t";
    const size_t found = kLetters.find(text[1]);
    out->push_back(found == absl::string_view::npos ? text[1] : kMeant[found]);
    return 2;
  }
  if (unit < kHigh || unit >= kEnd) {
    AppendUtf8(static_cast<uint32_t>(unit), out);
    return 6;
  }
  const int low = CodeUnit(text.substr(6));
  if (unit < kLow && low >= kLow && low < kEnd) {
    AppendUtf8(
        static_cast<uint32_t>(0x10000 + ((unit - kHigh) << 10) + (low - kLow)),
        out);
    return 12;
  }
  AppendUtf8(kReplacement, out);
  return 6;
}

}  // namespace

absl::StatusOr<std::vector<JsonMember>> ParseJsonObject(
    absl::string_view text) {
  Scanner scanner(text);
  std::vector<JsonMember> members;
  scanner.SkipSpace();
  bool ok = scanner.SkipObject(&members, /*depth=*/1);
  scanner.SkipSpace();
  if (ok && !scanner.AtEnd()) ok = scanner.Fail("the end of the line");
  if (!ok) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a JSON object: ", scanner.error()));
  }
  return members;
}

std::string JsonText(absl::string_view raw) {
  if (raw == "null") return "";
  if (raw.size() < 2 || raw.front() != '"') return std::string(raw);
  raw = raw.substr(1, raw.size() - 2);
  std::string text;
  while (!raw.empty()) {
    if (raw.front() == '\\') {
      raw.remove_prefix(AppendEscape(raw, &text));
    } else {
      text.push_back(raw.front());
      raw.remove_prefix(1);
    }
  }
  return text;
}

std::string JsonQuote(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const size_t size = client::Utf8CharacterSize(text);
    if (size == 0) {
      quoted += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      absl::StrAppend(&quoted, text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace portrait::cli
