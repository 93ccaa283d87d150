// ETags of pictures: the tag of a lookup's answer is the picture's id.
#ifndef PORTRAIT_SERVER_HTTP_ETAG_H_
#define PORTRAIT_SERVER_HTTP_ETAG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/http/http_message.h"

namespace portrait::http {

// The tags of If-None-Match, without quotation marks and "W/"; also "*".
std::vector<std::string> TagsOf(const Request& request);

// Whether they include `tag`.
bool HasTag(const std::vector<std::string>& tags, absl::string_view tag);

// If `message` looks up a picture, the first tag that is a picture's id becomes
// its existing_id, unless the request has one.
void BindTag(const std::vector<std::string>& tags,
             google::protobuf::Message* message);

// The answer with the picture of this id gets an ETag, and becomes 304 if the
// caller has the picture. Nothing changes if `id` is empty.
void ApplyTag(const std::vector<std::string>& tags, absl::string_view id,
              Response* response);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_ETAG_H_
