// The JSON of a profile picture, which most answers consist of.
#ifndef PORTRAIT_SERVER_HTTP_PICTURE_JSON_H_
#define PORTRAIT_SERVER_HTTP_PICTURE_JSON_H_

#include <string>

#include "portrait/v1/profile_picture.pb.h"

namespace portrait::http {

// Appends `picture` as protobuf writes it, several times as fast. Returns false
// for the few pictures with a value that protobuf writes in a special form;
// what was appended is then to be dropped.
bool AppendPictureJson(const v1::ProfilePicture& picture, std::string* out);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_PICTURE_JSON_H_
