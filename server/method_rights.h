// The right that each method of Portrait's services needs: one table for all
// protocols. A method that is not in it must not be called.
#ifndef PORTRAIT_SERVER_METHOD_RIGHTS_H_
#define PORTRAIT_SERVER_METHOD_RIGHTS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "portrait/v1/access.pb.h"

namespace portrait {

// The start of the names of all of Portrait's methods, as gRPC calls them; the
// rest is what RightFor() takes.
inline constexpr absl::string_view kServicePrefix = "/portrait.v1.";

// `method` is "SessionService/ListSessions". RIGHT_UNSPECIFIED: any valid token
// is enough. nullopt: the method is unknown and refused.
std::optional<v1::Right> RightFor(absl::string_view method);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_METHOD_RIGHTS_H_
