#include "server/http/etag.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::http {
namespace {

constexpr absl::string_view kAnyTag = "*";

bool IsPictureId(absl::string_view tag) {
  return !tag.empty() &&
         std::all_of(tag.begin(), tag.end(), absl::ascii_isdigit);
}

}  // namespace

std::vector<std::string> TagsOf(const Request& request) {
  std::vector<std::string> tags;
  const absl::string_view header = request.Header("if-none-match");
  if (header.empty()) return tags;
  for (absl::string_view tag : absl::StrSplit(header, ',')) {
    tag = absl::StripAsciiWhitespace(tag);
    absl::ConsumePrefix(&tag, "W/");
    const bool is_quoted =
        absl::ConsumePrefix(&tag, "\"") && absl::ConsumeSuffix(&tag, "\"");
    if (is_quoted || tag == kAnyTag) tags.emplace_back(tag);
  }
  return tags;
}

bool HasTag(const std::vector<std::string>& tags, absl::string_view tag) {
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& each) {
    return each == tag || each == kAnyTag;
  });
}

void BindTag(const std::vector<std::string>& tags,
             google::protobuf::Message* message) {
  auto* const lookup = dynamic_cast<v1::GetProfilePictureRequest*>(message);
  if (lookup == nullptr || !lookup->existing_id().empty()) return;
  const auto id = std::find_if(tags.begin(), tags.end(), &IsPictureId);
  if (id != tags.end()) lookup->set_existing_id(*id);
}

void ApplyTag(const std::vector<std::string>& tags, absl::string_view id,
              Response* response) {
  if (id.empty()) return;
  // Weak: the URLs of the same picture change.
  response->headers.emplace_back("ETag", absl::StrCat("W/\"", id, "\""));
  // "*" asks for any picture, and a lookup is asked for the current URL.
  if (std::find(tags.begin(), tags.end(), id) == tags.end()) return;
  response->status = 304;
  response->content_type.clear();
  response->body.clear();
}

}  // namespace portrait::http
