// JSON test data. This parser keeps the order of members and the text of
// numbers, unlike protobuf's parser.
#ifndef PORTRAIT_TESTS_SUPPORT_JSON_H_
#define PORTRAIT_TESTS_SUPPORT_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace portrait::testing {

// A value; missing members read as null. Thread-compatible.
struct Json {
  enum class Type { kNull, kBool, kNumber, kString, kArray, kObject };

  Type type = Type::kNull;
  std::string text;  // for a string, a number, or "true" and "false"
  std::vector<Json> items;
  struct Member;
  std::vector<Member> members;

  bool is_null() const { return type == Type::kNull; }
  bool is_string() const { return type == Type::kString; }
  bool is_array() const { return type == Type::kArray; }
  bool is_object() const { return type == Type::kObject; }
  bool boolean() const { return text == "true"; }
  // Returns 0 if the value is not an integer; strings of digits are accepted.
  int64_t number() const {
    int64_t value = 0;
    return absl::SimpleAtoi(text, &value) ? value : 0;
  }

  bool Has(absl::string_view name) const;
  const Json& operator[](absl::string_view name) const;
};

struct Json::Member {
  std::string name;
  Json value;
};

// The value in the file. Fails the test and returns null if the file is missing
// or is not JSON.
Json ReadJsonFile(const std::string& path);

// The folder of this source tree's test data.
std::string TestDataDirectory();

}  // namespace portrait::testing

#endif  // PORTRAIT_TESTS_SUPPORT_JSON_H_
