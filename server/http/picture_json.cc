#include "server/http/picture_json.h"

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/http/wire_fields.h"

namespace portrait::http {
namespace {

using v1::ProfilePicture;

constexpr int64_t kEndOfYear9999 = 253'402'300'800;  // seconds since 1970

enum class Kind { kText, kBytes, kTime, kTrue, kRegistration, kState, kSource };

struct Field {
  int number;
  Kind kind;
  absl::string_view name;  // in JSON, with quotation marks and colon
};

// In the order of their numbers, from 1.
constexpr Field kFields[] = {
    {ProfilePicture::kJidFieldNumber, Kind::kText, "\"jid\":"},
    {ProfilePicture::kPhoneNumberFieldNumber, Kind::kText, "\"phoneNumber\":"},
    {ProfilePicture::kLidFieldNumber, Kind::kText, "\"lid\":"},
    {ProfilePicture::kRegistrationFieldNumber, Kind::kRegistration,
     "\"registration\":"},
    {ProfilePicture::kStateFieldNumber, Kind::kState, "\"state\":"},
    {ProfilePicture::kIdFieldNumber, Kind::kText, "\"id\":"},
    {ProfilePicture::kUrlFieldNumber, Kind::kText, "\"url\":"},
    {ProfilePicture::kPreviewUrlFieldNumber, Kind::kText, "\"previewUrl\":"},
    {ProfilePicture::kDirectPathFieldNumber, Kind::kText, "\"directPath\":"},
    {ProfilePicture::kTypeFieldNumber, Kind::kText, "\"type\":"},
    {ProfilePicture::kHashFieldNumber, Kind::kBytes, "\"hash\":"},
    {ProfilePicture::kUrlExpireTimeFieldNumber, Kind::kTime,
     "\"urlExpireTime\":"},
    {ProfilePicture::kIsBusinessFieldNumber, Kind::kTrue, "\"isBusiness\":"},
    {ProfilePicture::kNameFieldNumber, Kind::kText, "\"name\":"},
    {ProfilePicture::kCheckTimeFieldNumber, Kind::kTime, "\"checkTime\":"},
    {ProfilePicture::kChangeTimeFieldNumber, Kind::kTime, "\"changeTime\":"},
    {ProfilePicture::kPreviousIdFieldNumber, Kind::kText, "\"previousId\":"},
    {ProfilePicture::kSourceFieldNumber, Kind::kSource, "\"source\":"},
    {ProfilePicture::kSessionFieldNumber, Kind::kText, "\"session\":"},
};
constexpr int kFieldCount = static_cast<int>(std::size(kFields));
static_assert(kFields[kFieldCount - 1].number == kFieldCount);

bool HasLength(Kind kind) {
  return kind == Kind::kText || kind == Kind::kBytes || kind == Kind::kTime;
}

bool AppendText(absl::string_view text, std::string* out) {
  // Characters that protobuf does not write as they are. Without branches, so
  // that the loop is vectorized.
  unsigned char special = 0;
  for (const char c : text) {
    special |= (c < ' ') | (c >= 0x7f) | (c == '"') | (c == '\\') | (c == '<') |
               (c == '>');
  }
  *out += '"';
  out->append(text.data(), text.size());
  *out += '"';
  return special == 0;
}

// Writes the last `count` digits of `value` to the end of `out`.
void AppendDigits(uint32_t value, size_t count, std::string* out) {
  char digits[10];
  for (size_t at = count; at > 0; value /= 10) {
    digits[--at] = static_cast<char>('0' + value % 10);
  }
  out->append(digits, count);
}

void AppendTime(int64_t seconds, int64_t nanos, std::string* out) {
  const absl::CivilSecond at =
      absl::CivilSecond(1970) + static_cast<absl::civil_diff_t>(seconds);
  *out += '"';
  AppendDigits(static_cast<uint32_t>(at.year()), 4, out);
  for (const auto& [separator, value] :
       {std::pair('-', at.month()), std::pair('-', at.day()),
        std::pair('T', at.hour()), std::pair(':', at.minute()),
        std::pair(':', at.second())}) {
    *out += separator;
    AppendDigits(static_cast<uint32_t>(value), 2, out);
  }
  // Protobuf writes three or six digits, or none.
  if (nanos != 0) {
    *out += '.';
    const bool is_short = nanos % 1'000'000 == 0;
    AppendDigits(
        static_cast<uint32_t>(is_short ? nanos / 1'000'000 : nanos / 1000),
        is_short ? 3 : 6, out);
  }
  *out += "Z\"";
}

bool AppendTimestamp(absl::string_view timestamp, std::string* out) {
  uint64_t seconds = 0, nanos = 0;
  WireFields fields(timestamp);
  while (fields.Next()) {
    if (fields.has_length() || fields.number() > 2) return false;
    (fields.number() == 1 ? seconds : nanos) = fields.value();
  }
  // A negative value is a large one here.
  if (!fields.is_at_end() || seconds >= uint64_t{kEndOfYear9999} ||
      nanos >= 1'000'000'000 || nanos % 1000 != 0) {
    return false;
  }
  AppendTime(static_cast<int64_t>(seconds), static_cast<int64_t>(nanos), out);
  return true;
}

const std::string& EnumName(Kind kind, int value) {
  if (kind == Kind::kRegistration) {
    return v1::Registration_Name(static_cast<v1::Registration>(value));
  }
  if (kind == Kind::kState) {
    return v1::PictureState_Name(static_cast<v1::PictureState>(value));
  }
  return v1::Source_Name(static_cast<v1::Source>(value));
}

// A field's number, or its bytes and their length.
struct Value {
  uint64_t number;
  absl::string_view content;
};

bool AppendValue(Kind kind, const Value& value, std::string* out) {
  switch (kind) {
    case Kind::kText:
      return AppendText(value.content, out);
    case Kind::kBytes:
      absl::StrAppend(out, "\"", absl::Base64Escape(value.content), "\"");
      return true;
    case Kind::kTime:
      return AppendTimestamp(value.content, out);
    case Kind::kTrue:
      *out += "true";
      return value.number == 1;
    default:
      break;
  }
  if (value.number > 100) return false;
  const std::string& name = EnumName(kind, static_cast<int>(value.number));
  absl::StrAppend(out, "\"", name, "\"");
  return !name.empty();
}

}  // namespace

bool AppendPictureJson(absl::string_view picture, std::string* out) {
  // A record's fields are copied in an order of their own.
  std::array<std::optional<Value>, kFieldCount> values;
  WireFields fields(picture);
  while (fields.Next()) {
    const int index = fields.number() - 1;
    if (index >= kFieldCount ||
        fields.has_length() != HasLength(kFields[index].kind)) {
      return false;
    }
    // Protobuf merges what is repeated.
    if (values[index].has_value()) return false;
    values[index] = {fields.value(), fields.content()};
  }
  if (!fields.is_at_end()) return false;
  *out += '{';
  for (int index = 0; index < kFieldCount; ++index) {
    if (!values[index].has_value()) continue;
    const auto& [number, kind, name] = kFields[index];
    const Value& value = *values[index];
    // A default is not written, but a time of 0 is.
    if (value.number == 0 && kind != Kind::kTime) continue;
    if (out->back() != '{') *out += ',';
    out->append(name.data(), name.size());
    if (!AppendValue(kind, value, out)) return false;
  }
  *out += '}';
  return true;
}

}  // namespace portrait::http
