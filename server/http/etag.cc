#include "server/http/etag.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace portrait::http {

std::vector<std::string> TagsOf(const Request& request) {
  std::vector<std::string> tags;
  for (absl::string_view tag :
       absl::StrSplit(request.Header("if-none-match"), ',')) {
    tag = absl::StripAsciiWhitespace(tag);
    absl::ConsumePrefix(&tag, "W/");
    if (!absl::ConsumePrefix(&tag, "\"") || !absl::ConsumeSuffix(&tag, "\"")) {
      continue;
    }
    // A picture's id has only digits.
    if (!tag.empty() &&
        std::all_of(tag.begin(), tag.end(), absl::ascii_isdigit)) {
      tags.emplace_back(tag);
    }
  }
  return tags;
}

void BindTag(const std::vector<std::string>& tags,
             google::protobuf::Message* message) {
  auto* const lookup = dynamic_cast<v1::GetProfilePictureRequest*>(message);
  if (lookup == nullptr || tags.empty()) return;
  if (lookup->existing_id().empty()) lookup->set_existing_id(tags[0]);
}

void ApplyTag(const std::vector<std::string>& tags,
              const v1::ProfilePicture& picture, Response* response) {
  const std::string& id = picture.id();
  if (id.empty()) return;
  // Weak: the URLs of the same picture change.
  response->headers.emplace_back("ETag", absl::StrCat("W/\"", id, "\""));
  if (std::find(tags.begin(), tags.end(), id) == tags.end()) return;
  response->status = 304;
  response->content_type.clear();
  response->body.clear();
}

}  // namespace portrait::http
