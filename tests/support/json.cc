#include "tests/support/json.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include <gtest/gtest.h>

#include "absl/strings/ascii.h"

namespace portrait::testing {
namespace {

// Parses one value; returns false if the text is not JSON.
class JsonReader {
 public:
  explicit JsonReader(absl::string_view text) : rest_(text) {}

  bool ReadDocument(Json* json) {
    return ReadValue(json) && (SkipSpace(), rest_.empty());
  }

 private:
  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  bool Take(absl::string_view token) {
    SkipSpace();
    if (rest_.substr(0, token.size()) != token) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  bool ReadValue(Json* json) {
    if (Take("{")) return ReadObject(json);
    if (Take("[")) return ReadArray(json);
    if (Take("\"")) {
      json->type = Json::Type::kString;
      return ReadString(&json->text);
    }
    if (Take("null")) return true;
    for (absl::string_view word : {"true", "false"}) {
      if (!Take(word)) continue;
      json->type = Json::Type::kBool;
      json->text = std::string(word);
      return true;
    }
    json->type = Json::Type::kNumber;
    while (!rest_.empty() &&
           (absl::ascii_isdigit(rest_[0]) ||
            std::string("+-.eE").find(rest_[0]) != std::string::npos)) {
      json->text.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    return !json->text.empty();
  }

  bool ReadObject(Json* json) {
    json->type = Json::Type::kObject;
    if (Take("}")) return true;
    do {
      Json::Member member;
      if (!Take("\"") || !ReadString(&member.name) || !Take(":") ||
          !ReadValue(&member.value)) {
        return false;
      }
      json->members.push_back(std::move(member));
    } while (Take(","));
    return Take("}");
  }

  bool ReadArray(Json* json) {
    json->type = Json::Type::kArray;
    if (Take("]")) return true;
    do {
      json->items.emplace_back();
      if (!ReadValue(&json->items.back())) return false;
    } while (Take(","));
    return Take("]");
  }

  // Called after the opening quote.
  bool ReadString(std::string* text) {
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        text->push_back(c);
      } else if (!ReadEscape(text)) {
        return false;
      }
    }
    return false;
  }

  bool ReadEscape(std::string* text) {
    if (rest_.empty()) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    constexpr absl::string_view kEscapes = "\"\\/bfnrt";
    constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t which = kEscapes.find(c);
    if (which != absl::string_view::npos) {
      text->push_back(kMeanings[which]);
      return true;
    }
    uint32_t point = 0;
    if (c != 'u' || !ReadHex4(&point)) return false;
    uint32_t low = 0;
    if (point >= 0xD800 && point < 0xDC00) {  // a surrogate pair
      if (!Take("\\u") || !ReadHex4(&low)) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    AppendUtf8(point, text);
    return true;
  }

  bool ReadHex4(uint32_t* value) {
    const std::string digits(rest_.substr(0, 4));
    char* end = nullptr;
    *value = std::strtoul(digits.c_str(), &end, 16);
    rest_.remove_prefix(digits.size());
    return digits.size() == 4 && *end == '\0';
  }

  static void AppendUtf8(uint32_t point, std::string* text) {
    if (point < 0x80) {
      text->push_back(static_cast<char>(point));
      return;
    }
    const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    const uint32_t lead = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
    text->push_back(static_cast<char>(lead | point >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) {
      text->push_back(static_cast<char>(0x80 | (point >> (6 * i) & 0x3F)));
    }
  }

  absl::string_view rest_;
};

}  // namespace

bool Json::Has(absl::string_view name) const {
  for (const auto& member : members) {
    if (member.name == name) return true;
  }
  return false;
}

const Json& Json::operator[](absl::string_view name) const {
  static const Json* const null = new Json();
  for (const auto& member : members) {
    if (member.name == name) return member.value;
  }
  return *null;
}

Json ReadJsonFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  Json json;
  if (!file.is_open() || !JsonReader(bytes).ReadDocument(&json)) {
    ADD_FAILURE() << path << ": not there, or not JSON";
    return Json();
  }
  return json;
}

std::string TestDataDirectory() {
  const char* const directory = std::getenv("PORTRAIT_TEST_DATA");
  return directory == nullptr ? "tests/data" : directory;
}

}  // namespace portrait::testing
