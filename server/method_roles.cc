#include "server/method_roles.h"

#include "absl/container/flat_hash_map.h"

namespace portrait {
namespace {

using Table = absl::flat_hash_map<absl::string_view, v1::Role>;

const Table& MethodRoles() {
  static const auto& table = *new Table{
      {"ProfilePictureService/GetProfilePicture", v1::ROLE_LOOKUP},
      {"ProfilePictureService/EnrichProfilePictures", v1::ROLE_LOOKUP},
      {"ProfilePictureService/WatchProfilePictureChanges", v1::ROLE_LOOKUP},
      {"ProfilePictureService/ListProfilePictureChanges", v1::ROLE_LOOKUP},
      {"ProfilePictureService/DownloadProfilePicture", v1::ROLE_LOOKUP},
      {"ProfilePictureService/ForgetContact", v1::ROLE_LOOKUP},

      {"SessionService/PairSession", v1::ROLE_ADMIN},
      {"SessionService/ListSessions", v1::ROLE_ADMIN},
      {"SessionService/GetSession", v1::ROLE_ADMIN},
      {"SessionService/PauseSession", v1::ROLE_ADMIN},
      {"SessionService/ResumeSession", v1::ROLE_ADMIN},
      {"SessionService/SetSessionProxy", v1::ROLE_ADMIN},
      {"SessionService/LogoutSession", v1::ROLE_ADMIN},

      {"AccessService/CreateToken", v1::ROLE_ADMIN},
      {"AccessService/ListTokens", v1::ROLE_ADMIN},
      {"AccessService/RevokeToken", v1::ROLE_ADMIN},
      // The handler asks for ROLE_ADMIN if it is another tenant's.
      {"AccessService/GetUsage", v1::ROLE_UNSPECIFIED},

      {"AdminService/RotateKey", v1::ROLE_ADMIN},
      {"AdminService/CreateBackup", v1::ROLE_ADMIN},
      {"AdminService/ListBackups", v1::ROLE_ADMIN},
      {"AdminService/VerifyBackups", v1::ROLE_ADMIN},
      {"AdminService/VerifyStore", v1::ROLE_ADMIN},
      {"AdminService/CompactStore", v1::ROLE_ADMIN},
      {"AdminService/GetStoreStats", v1::ROLE_ADMIN},
  };
  return table;
}

}  // namespace

std::optional<v1::Role> RoleFor(absl::string_view method) {
  const auto found = MethodRoles().find(method);
  if (found == MethodRoles().end()) return std::nullopt;
  return found->second;
}

}  // namespace portrait
