#include "server/http/json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "google/protobuf/util/json_util.h"

namespace portrait::http {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// Of arrays and objects in each other. Protobuf's parser takes 10 us for each
// level of a google.protobuf.Struct, and has no limit for it.
constexpr int kMaxJsonDepth = 32;

// Whether `json` is nested deeper than kMaxJsonDepth. Protobuf's parser takes
// single quotation marks as well.
bool IsTooDeep(absl::string_view json) {
  int depth = 0;
  char quote = 0;  // the one that the text began with; 0: not in a text
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

const Message* Prototype(const Descriptor& type) {
  const Descriptor* const generated =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          type.full_name());
  return MessageFactory::generated_factory()->GetPrototype(generated);
}

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(Prototype(type)->New());
}

absl::Status ReadJson(absl::string_view json, UnknownFields unknown,
                      Message* message) {
  json = absl::StripAsciiWhitespace(json);
  if (json.empty()) return absl::OkStatus();
  if (json[0] != '{') {
    return absl::InvalidArgumentError(
        "the request's body is not a JSON object");
  }
  if (IsTooDeep(json)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the request's JSON is nested deeper than ", kMaxJsonDepth, " levels"));
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = unknown == UnknownFields::kIgnore;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message,
      options);
  if (status.ok()) return absl::OkStatus();
  // The first line says what is wrong; the others repeat the request.
  const std::string text = status.message().as_string();
  return absl::InvalidArgumentError(absl::StrCat(
      "the request's JSON is invalid: ",
      Presentable(text.substr(0, text.find('\n')), /*max_bytes=*/200)));
}

absl::StatusOr<std::string> WriteJson(const Message& message) {
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json);
  if (status.ok()) return json;
  return absl::InternalError("the response cannot be written as JSON");
}

absl::StatusOr<std::string> WriteJson(const Descriptor& type,
                                      const std::string& serialized) {
  const std::unique_ptr<Message> message = NewMessage(type);
  if (!message->ParseFromString(serialized)) {
    return absl::InternalError("the response cannot be read");
  }
  return WriteJson(*message);
}

}  // namespace portrait::http
