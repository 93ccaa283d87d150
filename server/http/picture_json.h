// The JSON of a profile picture, which most answers consist of.
#ifndef PORTRAIT_SERVER_HTTP_PICTURE_JSON_H_
#define PORTRAIT_SERVER_HTTP_PICTURE_JSON_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait::http {

// Appends a serialized ProfilePicture in JSON as protobuf writes it, without
// parsing it into a message. Returns false for the few pictures with an image
// or a value that protobuf writes in a special form, and for malformed bytes;
// what was appended is then to be dropped.
bool AppendPictureJson(absl::string_view picture, std::string* out);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_PICTURE_JSON_H_
