// Messages in JSON, by protobuf's own mapping, and the binding of HTTP
// parameters to a request's fields.
#ifndef PORTRAIT_SERVER_HTTP_JSON_H_
#define PORTRAIT_SERVER_HTTP_JSON_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/http/http_message.h"

namespace portrait::http {

enum class UnknownFields { kRefuse, kIgnore };

// A new message of the generated type with the name of `type`.
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

// Sets the fields that the parameters name: "contact", "options.maxAge" (or
// options.max_age). A repeated field gets a value from each parameter of its
// name. A name that the request has not is looked for among its "options".
// Durations are as in JSON ("60s") or "24h"; an enumeration's value may lack
// the prefix ("full").
//
// Errors: INVALID_ARGUMENT naming the parameter.
absl::Status BindParameters(const Fields& parameters,
                            google::protobuf::Message* message);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_JSON_H_
