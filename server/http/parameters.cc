#include "server/http/parameters.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/base/proto_time.h"
#include "core/base/status_macros.h"
#include "core/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "server/rpc_status.h"

namespace portrait::http {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxNameBytes = 100;

constexpr char kOptionsField[] = "options";

// From the request's message down to the field.
using FieldPath = std::vector<const FieldDescriptor*>;
// By the parameter's name.
using FieldPaths = absl::flat_hash_map<std::string, FieldPath>;

// Whether a parameter is one value of the field.
bool TakesValue(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  const std::string& type = field.message_type()->full_name();
  return !field.is_repeated() && (type == "google.protobuf.Duration" ||
                                  type == "google.protobuf.Timestamp");
}

// Adds the fields of `type`, and of the messages in it. A name that is taken
// stays with its field. No request contains itself.
void AddFields(const Descriptor& type, const std::string& prefix,
               const FieldPath& above, FieldPaths* paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    FieldPath path = above;
    path.push_back(&field);
    // "max_age" and "maxAge".
    for (const std::string& name : {field.name(), field.json_name()}) {
      const std::string full = absl::StrCat(prefix, name);
      if (TakesValue(field)) {
        paths->try_emplace(full, path);
      } else if (!field.is_repeated()) {
        AddFields(*field.message_type(), absl::StrCat(full, "."), path, paths);
      }
    }
  }
}

// Options need no prefix, unless the request has a field of that name.
FieldPaths PathsOf(const Descriptor& type) {
  FieldPaths paths;
  AddFields(type, "", {}, &paths);
  if (const auto* const options = type.FindFieldByName(kOptionsField)) {
    AddFields(*options->message_type(), "", {options}, &paths);
  }
  return paths;
}

// Made once for each type of request, of which there are few.
const FieldPaths& CachedPathsOf(const Descriptor& type) {
  struct Cache {
    absl::Mutex mu;
    absl::flat_hash_map<const Descriptor*, std::unique_ptr<FieldPaths>> paths
        ABSL_GUARDED_BY(mu);
  };
  static auto& cache = *new Cache();
  {
    absl::ReaderMutexLock lock(&cache.mu);
    const auto found = cache.paths.find(&type);
    if (found != cache.paths.end()) return *found->second;
  }
  auto made = std::make_unique<FieldPaths>(PathsOf(type));
  absl::MutexLock lock(&cache.mu);
  return *cache.paths.try_emplace(&type, std::move(made)).first->second;
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
                           const FieldPaths& paths, Message* message) {
  const auto refusal = [&](absl::string_view why) {
    return InvalidField(Presentable(name, kMaxNameBytes), why);
  };
  const auto found = paths.find(name);
  if (found == paths.end()) {
    return refusal("the request has no parameter of this name");
  }
  const FieldPath& path = found->second;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, path[i]);
  }
  if (SetValue(*path.back(), text, message)) return absl::OkStatus();
  return refusal("the value does not fit the parameter's type");
}

}  // namespace

absl::Status BindParameters(const Fields& parameters, Message* message) {
  if (parameters.empty()) return absl::OkStatus();
  const FieldPaths& paths = CachedPathsOf(*message->GetDescriptor());
  for (const auto& [name, value] : parameters) {
    RETURN_IF_ERROR(BindParameter(name, value, paths, message));
  }
  return absl::OkStatus();
}

}  // namespace portrait::http
