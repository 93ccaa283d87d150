#include "server/http/json.h"

#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "google/protobuf/util/json_util.h"
#include "server/rpc_status.h"

namespace portrait::http {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

constexpr size_t kMaxNameBytes = 100;
// Of arrays and objects in each other. Protobuf's parser takes 10 us for each
// level of a google.protobuf.Struct, and has no limit for it.
constexpr int kMaxJsonDepth = 32;

// Finds "max_age" and "maxAge".
const FieldDescriptor* FindField(const Descriptor& type,
                                 const std::string& name) {
  if (const FieldDescriptor* const field = type.FindFieldByName(name)) {
    return field;
  }
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == name) return type.field(i);
  }
  return nullptr;
}

// "full", "FULL" and "PICTURE_SIZE_FULL" for a value of PictureSize.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, absl::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    const bool is_suffix =
        name.size() > upper.size() + 1 &&
        name[name.size() - upper.size() - 1] == '_' &&
        name.compare(name.size() - upper.size(), upper.size(), upper) == 0;
    // "NOT_SET" must not be found by "SET": the rest must be the type's prefix,
    // which the first value, UNSPECIFIED, shows.
    const std::string& first = type.value(0)->name();
    const size_t prefix = first.rfind("UNSPECIFIED");
    if (name == upper || (is_suffix && name.size() - upper.size() == prefix)) {
      return type.value(i);
    }
  }
  return nullptr;
}

template <typename Number, typename Set>
bool SetNumber(absl::string_view text, const Set& set) {
  Number number = 0;
  if (!absl::SimpleAtoi(text, &number)) return false;
  set(number);
  return true;
}

// Sets a Timestamp or Duration.
bool SetTime(absl::string_view text, Message* message) {
  const std::string& type = message->GetDescriptor()->full_name();
  absl::Duration duration;
  if (type == "google.protobuf.Duration" &&
      absl::ParseDuration(text, &duration)) {
    message->CopyFrom(ToProto(duration));
    return true;
  }
  absl::Time time;
  if (type == "google.protobuf.Timestamp" &&
      absl::ParseTime(absl::RFC3339_full, text, &time, /*err=*/nullptr)) {
    message->CopyFrom(ToProto(time));
    return true;
  }
  return false;
}

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

// Returns whether `text` is a value of the field.
bool SetValue(const FieldDescriptor& field, const std::string& text,
              Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const auto set = [&](auto setter, auto adder) {
    return [&, setter, adder](auto value) {
      field.is_repeated() ? (reflection.*adder)(message, &field, value)
                          : (reflection.*setter)(message, &field, value);
    };
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.is_repeated()) {
        reflection.AddString(message, &field, text);
      } else {
        reflection.SetString(message, &field, text);
      }
      return true;
    case FieldDescriptor::CPPTYPE_BOOL: {
      if (text != "true" && text != "false" && !text.empty()) return false;
      set(&Reflection::SetBool, &Reflection::AddBool)(text != "false");
      return true;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return SetNumber<int32_t>(
          text, set(&Reflection::SetInt32, &Reflection::AddInt32));
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber<int64_t>(
          text, set(&Reflection::SetInt64, &Reflection::AddInt64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetNumber<uint32_t>(
          text, set(&Reflection::SetUInt32, &Reflection::AddUInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetNumber<uint64_t>(
          text, set(&Reflection::SetUInt64, &Reflection::AddUInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double number = 0;
      if (!absl::SimpleAtod(text, &number)) return false;
      set(&Reflection::SetDouble, &Reflection::AddDouble)(number);
      return true;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* const value = FindEnumValue(*field.enum_type(), text);
      if (value == nullptr) return false;
      set(&Reflection::SetEnum, &Reflection::AddEnum)(value);
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return !field.is_repeated() &&
             SetTime(text, reflection.MutableMessage(message, &field));
    default:
      return false;
  }
}

absl::Status BindParameter(const std::string& name, const std::string& text,
                           Message* message) {
  const auto refusal = [&](absl::string_view why) {
    return InvalidField(Presentable(name, kMaxNameBytes), why);
  };
  constexpr absl::string_view kUnknown =
      "the request has no parameter of this name";
  const std::vector<std::string> path = absl::StrSplit(name, '.');
  for (size_t i = 0; i < path.size(); ++i) {
    const Reflection& reflection = *message->GetReflection();
    const FieldDescriptor* field =
        FindField(*message->GetDescriptor(), path[i]);
    if (field == nullptr && path.size() == 1) {
      const FieldDescriptor* const options =
          FindField(*message->GetDescriptor(), "options");
      if (options != nullptr &&
          FindField(*options->message_type(), name) != nullptr) {
        return BindParameter(name, text,
                             reflection.MutableMessage(message, options));
      }
    }
    if (field == nullptr) return refusal(kUnknown);
    if (i + 1 == path.size()) {
      if (SetValue(*field, text, message)) return absl::OkStatus();
      return refusal("the value does not fit the parameter's type");
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field->is_repeated()) {
      return refusal(kUnknown);
    }
    message = reflection.MutableMessage(message, field);
  }
  return refusal(kUnknown);
}

}  // namespace

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  const Descriptor* const generated =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          type.full_name());
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(generated)->New());
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

absl::Status BindParameters(const Fields& parameters, Message* message) {
  for (const auto& [name, value] : parameters) {
    RETURN_IF_ERROR(BindParameter(name, value, message));
  }
  return absl::OkStatus();
}

}  // namespace portrait::http
