// The binding of HTTP parameters to a request's fields.
#ifndef PORTRAIT_SERVER_HTTP_PARAMETERS_H_
#define PORTRAIT_SERVER_HTTP_PARAMETERS_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/http/http_message.h"

namespace portrait::http {

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

#endif  // PORTRAIT_SERVER_HTTP_PARAMETERS_H_
