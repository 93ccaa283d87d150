#include "server/http/openapi.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/http/gateway.h"
#include "server/http/json_build.h"

namespace portrait::http {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr char kErrorSchema[] = "google.rpc.Status";

std::string Reference(absl::string_view schema) {
  return JsonObject(
      {{"$ref", JsonText(absl::StrCat("#/components/schemas/", schema))}});
}

// The comment in front of a declaration, without its indentation.
template <typename Declaration>
std::string CommentOf(const Declaration& declaration) {
  google::protobuf::SourceLocation location;
  if (!declaration.GetSourceLocation(&location)) return "";
  std::vector<std::string> lines =
      absl::StrSplit(location.leading_comments, '\n');
  for (std::string& line : lines) {
    if (!line.empty() && line[0] == ' ') line.erase(0, 1);
  }
  return std::string(absl::StripAsciiWhitespace(absl::StrJoin(lines, "\n")));
}

// The first sentence.
std::string SummaryOf(const std::string& comment) {
  const std::string line = absl::StrReplaceAll(comment, {{"\n", " "}});
  return line.substr(0, line.find(". "));
}

// Collects the schemas of all messages that routes use.
class Schemas {
 public:
  // The schema of one value of the field, without its comment.
  std::string OfValue(const FieldDescriptor& field);
  // A reference to the schema of a message.
  std::string OfMessage(const Descriptor& type);
  // All that were referred to, by name.
  std::string All() const {
    JsonMembers members(schemas_.begin(), schemas_.end());
    return JsonObject(members);
  }

 private:
  static std::string OfEnum(const EnumDescriptor& type);
  std::string OfField(const FieldDescriptor& field);

  std::map<std::string, std::string> schemas_;
};

std::string Schemas::OfEnum(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    names.push_back(JsonText(type.value(i)->name()));
  }
  return JsonObject({{"type", "\"string\""}, {"enum", JsonArray(names)}});
}

std::string Schemas::OfValue(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_MESSAGE:
      return OfMessage(*field.message_type());
    case FieldDescriptor::TYPE_ENUM:
      return OfEnum(*field.enum_type());
    case FieldDescriptor::TYPE_BOOL:
      return R"({"type":"boolean"})";
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FLOAT:
      return R"({"type":"number"})";
    case FieldDescriptor::TYPE_BYTES:
      return R"({"type":"string","contentEncoding":"base64"})";
    case FieldDescriptor::TYPE_STRING:
      return R"({"type":"string"})";
    case FieldDescriptor::TYPE_INT32:
      return R"({"type":"integer","format":"int32","minimum":-2147483648,)"
             R"("maximum":2147483647})";
    case FieldDescriptor::TYPE_UINT32:
      return R"({"type":"integer","minimum":0,"maximum":4294967295})";
    default:
      // JSON's numbers cannot hold 64 bits.
      return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64
                 ? R"({"type":"string","pattern":"^[0-9]{1,19}$"})"
                 : R"({"type":"string","pattern":"^-?[0-9]{1,18}$"})";
  }
}

std::string Schemas::OfField(const FieldDescriptor& field) {
  std::string value = OfValue(field);
  if (field.is_repeated()) {
    value = JsonObject({{"type", "\"array\""}, {"items", value}});
  }
  const std::string comment = CommentOf(field);
  if (comment.empty()) return value;
  // A description beside other keywords.
  return absl::StrCat(value.substr(0, value.size() - 1),
                      ",\"description\":", JsonText(comment), "}");
}

std::string Schemas::OfMessage(const Descriptor& type) {
  if (type.full_name() == "google.protobuf.Timestamp") {
    return R"({"type":"string","format":"date-time"})";
  }
  if (type.full_name() == "google.protobuf.Duration") {
    return R"({"type":"string","pattern":"^-?[0-9]{1,11}(\\.[0-9]{1,9})?s$"})";
  }
  if (type.full_name() == "google.protobuf.Any") {
    return R"({"type":"object","required":["@type"],"properties":)"
           R"({"@type":{"type":"string"}}})";
  }
  if (schemas_.emplace(type.full_name(), "").second) {
    JsonMembers fields;
    for (int i = 0; i < type.field_count(); ++i) {
      fields.emplace_back(type.field(i)->json_name(), OfField(*type.field(i)));
    }
    schemas_[type.full_name()] =
        JsonObject({{"type", "\"object\""},
                    {"description", JsonText(CommentOf(type))},
                    {"additionalProperties", "false"},
                    {"properties", JsonObject(fields)}});
  }
  return Reference(type.full_name());
}

bool IsScalar(const FieldDescriptor& field) {
  if (field.type() != FieldDescriptor::TYPE_MESSAGE) return true;
  const std::string& name = field.message_type()->full_name();
  return name == "google.protobuf.Timestamp" ||
         name == "google.protobuf.Duration";
}

std::string Parameter(absl::string_view name, bool is_in_path,
                      const FieldDescriptor& field, Schemas& schemas) {
  std::string schema = schemas.OfValue(field);
  if (field.is_repeated()) {
    schema = JsonObject({{"type", "\"array\""}, {"items", schema}});
  }
  if (is_in_path && field.type() == FieldDescriptor::TYPE_STRING) {
    schema = R"({"type":"string","minLength":1})";
  }
  return JsonObject({{"name", JsonText(name)},
                     {"in", is_in_path ? "\"path\"" : "\"query\""},
                     {"required", is_in_path ? "true" : "false"},
                     {"description", JsonText(CommentOf(field))},
                     {"schema", schema}});
}

// Appends a parameter for each field that the path has not.
void AppendQuery(const Descriptor& type, const std::string& prefix,
                 const std::set<std::string>& in_path, Schemas& schemas,
                 std::vector<std::string>* parameters) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string name = absl::StrCat(prefix, field.json_name());
    if (in_path.count(field.name()) > 0 && prefix.empty()) continue;
    if (IsScalar(field)) {
      parameters->push_back(Parameter(name, false, field, schemas));
    } else if (!field.is_repeated()) {
      AppendQuery(*field.message_type(), absl::StrCat(name, "."), in_path,
                  schemas, parameters);
    }
  }
}

std::string Content(absl::string_view media_type, const std::string& schema) {
  return JsonObject(
      {{std::string(media_type), JsonObject({{"schema", schema}})}});
}

std::string ResponseContent(const MethodDescriptor& method, Schemas& schemas) {
  const std::string text = R"({"type":"string"})";
  if (IsImageMethod(method)) {
    return Content("image/*", R"({"type":"string","format":"binary"})");
  }
  if (IsQrCodeMethod(method)) return Content("image/svg+xml", text);
  if (method.client_streaming()) return Content("application/x-ndjson", text);
  if (!method.server_streaming()) {
    return Content("application/json",
                   schemas.OfMessage(*method.output_type()));
  }
  return JsonObject({{"text/event-stream", JsonObject({{"schema", text}})},
                     {"application/x-ndjson", JsonObject({{"schema", text}})}});
}

std::string Operation(const Route& route, Schemas& schemas) {
  const MethodDescriptor& method = *route.method;
  const std::string comment = CommentOf(method);
  std::vector<std::string> parameters;
  std::set<std::string> in_path;
  for (const std::string& name : route.path.variables()) {
    in_path.insert(name);
    parameters.push_back(Parameter(
        name, true, *method.input_type()->FindFieldByName(name), schemas));
  }
  if (!route.has_body || method.client_streaming()) {
    AppendQuery(*method.input_type(), "", in_path, schemas, &parameters);
  }
  const std::string errors = JsonObject(
      {{"description", "\"An error.\""},
       {"content", Content("application/json", Reference(kErrorSchema))}});
  JsonMembers members = {
      {"operationId", JsonText(absl::StrCat(
                          method.name(), route.is_additional ? "ByPath" : ""))},
      {"tags", JsonArray({JsonText(method.service()->name())})},
      {"summary", JsonText(SummaryOf(comment))},
      {"description", JsonText(comment)},
      {"parameters", JsonArray(parameters)},
  };
  if (route.has_body) {
    const std::string content =
        method.client_streaming()
            ? Content("application/x-ndjson", R"({"type":"string"})")
            : Content("application/json",
                      schemas.OfMessage(*method.input_type()));
    members.emplace_back("requestBody", JsonObject({{"content", content}}));
  }
  JsonMembers responses = {
      {"200", JsonObject({{"description", "\"The answer.\""},
                          {"content", ResponseContent(method, schemas)}})}};
  const bool is_image = IsImageMethod(method);
  if (is_image || method.name() == "GetProfilePicture") {
    responses.emplace_back(
        "304", R"({"description":"The picture is the one of If-None-Match."})");
  }
  if (is_image) {
    responses.emplace_back(
        "206", JsonObject({{"description", "\"The bytes of Range.\""},
                           {"content", ResponseContent(method, schemas)}}));
    responses.emplace_back("416",
                           R"({"description":"The image has no such bytes."})");
  }
  responses.emplace_back("default", errors);
  members.emplace_back("responses", JsonObject(responses));
  return JsonObject(members);
}

}  // namespace

std::string OpenApiDocument(const RouteTable& table) {
  Schemas schemas;
  // Error responses refer to it.
  schemas.OfMessage(*table.pool().FindMessageTypeByName(kErrorSchema));
  std::map<std::string, JsonMembers> paths;
  for (const Route& route : table.routes()) {
    paths[route.path.text()].emplace_back(
        absl::AsciiStrToLower(route.http_method), Operation(route, schemas));
  }
  JsonMembers members;
  for (const auto& [path, operations] : paths) {
    members.emplace_back(path, JsonObject(operations));
  }
  return absl::StrCat(
      JsonObject({
          {"openapi", "\"3.1.0\""},
          {"info", JsonObject({{"title", "\"Portrait\""},
                               {"version", "\"v1\""},
                               {"description",
                                "\"Looks up WhatsApp profile pictures.\""}})},
          {"security", R"([{"bearer":[]}])"},
          {"paths", JsonObject(members)},
          {"components",
           JsonObject({{"securitySchemes",
                        R"({"bearer":{"type":"http","scheme":"bearer"}})"},
                       {"schemas", schemas.All()}})},
      }),
      "\n");
}

}  // namespace portrait::http
