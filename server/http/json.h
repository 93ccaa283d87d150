// Messages in JSON, by protobuf's own mapping.
#ifndef PORTRAIT_SERVER_HTTP_JSON_H_
#define PORTRAIT_SERVER_HTTP_JSON_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace portrait::http {

enum class UnknownFields { kRefuse, kIgnore };

// An empty message of the generated type with the name of `type`, and a new
// one.
const google::protobuf::Message* Prototype(
    const google::protobuf::Descriptor& type);
std::unique_ptr<google::protobuf::Message> NewMessage(
    const google::protobuf::Descriptor& type);

// Adds a JSON object's fields to `message`; "" is an empty object.
//
// Errors: INVALID_ARGUMENT saying what is malformed; values of the request are
// not repeated.
absl::Status ReadJson(absl::string_view json, UnknownFields unknown,
                      google::protobuf::Message* message);

// Errors: INTERNAL.
absl::StatusOr<std::string> WriteJson(const google::protobuf::Message& message);
// From a serialized message of `type`.
absl::StatusOr<std::string> WriteJson(const google::protobuf::Descriptor& type,
                                      const std::string& serialized);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_JSON_H_
