#include "server/authentication.h"

#include <iterator>

namespace portrait {

absl::StatusOr<Principal> AuthenticateCall(
    const AccessControl& access, const grpc::CallbackServerContext& context,
    v1::Role needed) {
  const auto [first, last] =
      context.client_metadata().equal_range("authorization");
  if (first == last) {
    return absl::UnauthenticatedError(
        "no token: send \"authorization: Bearer TOKEN\" metadata");
  }
  // Two answers to "who are you" are none.
  if (std::next(first) != last) {
    return absl::UnauthenticatedError(
        "several authorization metadata: send one");
  }
  return access.Authenticate(
      absl::string_view(first->second.data(), first->second.size()), needed);
}

}  // namespace portrait
