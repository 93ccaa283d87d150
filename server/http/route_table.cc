#include "server/http/route_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "server/http/embedded_files.h"
#include "server/http/json.h"

namespace portrait::http {
namespace {

using google::api::HttpRule;
using google::protobuf::MethodDescriptor;

constexpr absl::string_view kPackage = "portrait.v1.";

// "/v1/sessions/a:pause" → "/v1/sessions/a" and "pause". A contact may have a
// colon as well, so only a template with a verb takes one.
std::pair<absl::string_view, absl::string_view> SplitVerb(
    absl::string_view path) {
  const size_t slash = path.rfind('/');
  const size_t colon = path.rfind(':');
  if (colon == absl::string_view::npos || colon < slash) return {path, ""};
  return {path.substr(0, colon), path.substr(colon + 1)};
}

std::pair<std::string, std::string> MethodAndPath(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    default:
      return {"", ""};
  }
}

}  // namespace

PathTemplate::PathTemplate(absl::string_view text)
    : text_(text), prefix_(text.substr(0, text.find('{'))) {
  const auto [path, verb] = SplitVerb(text);
  verb_ = std::string(verb);
  for (absl::string_view part : absl::StrSplit(path.substr(1), '/')) {
    const bool is_variable = absl::StartsWith(part, "{");
    if (is_variable) part = part.substr(1, part.size() - 2);
    segments_.push_back({is_variable, std::string(part)});
  }
}

bool PathTemplate::Match(absl::string_view path, Fields* variables) const {
  if (!absl::StartsWith(path, prefix_)) return false;
  if (!verb_.empty()) {
    const auto [before, verb] = SplitVerb(path);
    if (verb != verb_) return false;
    path = before;
  }
  const auto slashes = std::count(path.begin(), path.end(), '/');
  if (static_cast<size_t>(slashes) != segments_.size()) return false;
  Fields found;
  for (const Segment& segment : segments_) {
    if (!absl::ConsumePrefix(&path, "/")) return false;
    const absl::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    if (!segment.is_variable) {
      if (part != segment.text) return false;
      continue;
    }
    std::optional<std::string> value = DecodePercent(part);
    if (!value.has_value() || value->empty()) return false;
    found.emplace_back(segment.text, *std::move(value));
  }
  *variables = std::move(found);
  return true;
}

std::vector<std::string> PathTemplate::variables() const {
  std::vector<std::string> names;
  for (const Segment& segment : segments_) {
    if (segment.is_variable) names.push_back(segment.text);
  }
  return names;
}

bool PathTemplate::has_variables() const { return !variables().empty(); }

RouteTable::RouteTable() {
  google::protobuf::FileDescriptorSet files;
  const absl::string_view contract = EmbeddedContract();
  files.ParseFromArray(contract.data(), static_cast<int>(contract.size()));
  std::vector<const google::protobuf::FileDescriptor*> built;
  for (const auto& file : files.file()) {
    if (const auto* const made = pool_.BuildFile(file)) built.push_back(made);
  }
  for (const auto* const file : built) {
    for (int i = 0; i < file->service_count(); ++i) {
      AddService(*file->service(i));
    }
  }
  std::stable_sort(routes_.begin(), routes_.end(),
                   [](const Route& a, const Route& b) {
                     return !a.path.has_variables() && b.path.has_variables();
                   });
}

void RouteTable::AddService(
    const google::protobuf::ServiceDescriptor& service) {
  if (!absl::StartsWith(service.full_name(), kPackage)) return;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* const method = service.method(i);
    methods_[absl::StrCat(service.full_name(), "/", method->name())] = method;
    if (!method->options().HasExtension(google::api::http)) continue;
    const HttpRule& rule = method->options().GetExtension(google::api::http);
    const auto add = [&](const HttpRule& one, bool is_additional) {
      auto [http_method, path] = MethodAndPath(one);
      routes_.push_back({std::move(http_method), PathTemplate(path),
                         one.body() == "*", method,
                         Prototype(*method->input_type()), is_additional});
    };
    add(rule, /*is_additional=*/false);
    for (const HttpRule& more : rule.additional_bindings()) {
      add(more, /*is_additional=*/true);
    }
  }
}

const RouteTable& RouteTable::Get() {
  static const auto& table = *new RouteTable();
  return table;
}

RouteTable::Found RouteTable::Find(absl::string_view http_method,
                                   absl::string_view path) const {
  Found found;
  for (const Route& route : routes_) {
    if (route.http_method == http_method &&
        route.path.Match(path, &found.variables)) {
      found.route = &route;
      return found;
    }
  }
  for (const Route& route : routes_) {
    if (!route.path.Match(path, &found.variables)) continue;
    absl::StrAppend(&found.allowed, found.allowed.empty() ? "" : ", ",
                    route.http_method);
    if (route.http_method == "GET") absl::StrAppend(&found.allowed, ", HEAD");
  }
  found.variables.clear();
  return found;
}

const MethodDescriptor* RouteTable::FindMethod(absl::string_view name) const {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : found->second;
}

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

}  // namespace portrait::http
