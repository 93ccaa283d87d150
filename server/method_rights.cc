#include "server/method_rights.h"

#include "absl/container/flat_hash_map.h"

namespace portrait {
namespace {

using Table = absl::flat_hash_map<absl::string_view, v1::Right>;

const Table& MethodRights() {
  static const auto& table = *new Table{
      {"ProfilePictureService/GetProfilePicture", v1::RIGHT_LOOKUP},
      {"ProfilePictureService/BatchGetProfilePictures", v1::RIGHT_LOOKUP},
      {"ProfilePictureService/EnrichProfilePictures", v1::RIGHT_LOOKUP},
      // The handler shows contacts of other tenants with RIGHT_WATCH_ALL only.
      {"ProfilePictureService/WatchProfilePictureChanges", v1::RIGHT_WATCH},
      {"ProfilePictureService/ListProfilePictureChanges", v1::RIGHT_HISTORY},
      {"ProfilePictureService/DownloadProfilePicture", v1::RIGHT_IMAGES},
      {"ProfilePictureService/FindSimilarPictures", v1::RIGHT_LIKENESS},
      // If the contact is to be suppressed, the handler also requires
      // RIGHT_OBJECT.
      {"ProfilePictureService/ForgetContact", v1::RIGHT_FORGET},

      {"SessionService/PairSession", v1::RIGHT_ADMIN},
      {"SessionService/GetPairingQrCode", v1::RIGHT_ADMIN},
      {"SessionService/ListSessions", v1::RIGHT_ADMIN},
      {"SessionService/GetSession", v1::RIGHT_ADMIN},
      {"SessionService/PauseSession", v1::RIGHT_ADMIN},
      {"SessionService/ResumeSession", v1::RIGHT_ADMIN},
      {"SessionService/SetSessionProxy", v1::RIGHT_ADMIN},
      {"SessionService/LogoutSession", v1::RIGHT_ADMIN},

      {"AccessService/CreateToken", v1::RIGHT_ADMIN},
      {"AccessService/ListTokens", v1::RIGHT_ADMIN},
      {"AccessService/RevokeToken", v1::RIGHT_ADMIN},
      // If the usage is another tenant's, the handler requires RIGHT_ADMIN.
      {"AccessService/GetUsage", v1::RIGHT_UNSPECIFIED},

      {"AdminService/RotateKey", v1::RIGHT_ADMIN},
      {"AdminService/CreateBackup", v1::RIGHT_ADMIN},
      {"AdminService/ListBackups", v1::RIGHT_ADMIN},
      {"AdminService/VerifyBackups", v1::RIGHT_ADMIN},
      {"AdminService/VerifyStore", v1::RIGHT_ADMIN},
      {"AdminService/CompactStore", v1::RIGHT_ADMIN},
      {"AdminService/GetStoreStats", v1::RIGHT_ADMIN},
      {"AdminService/ListObjections", v1::RIGHT_ADMIN},
      {"AdminService/RemoveObjection", v1::RIGHT_ADMIN},
      {"AdminService/GetCluster", v1::RIGHT_ADMIN},
      {"AdminService/DrainNode", v1::RIGHT_ADMIN},
  };
  return table;
}

}  // namespace

std::optional<v1::Right> RightFor(absl::string_view method) {
  const auto found = MethodRights().find(method);
  if (found == MethodRights().end()) return std::nullopt;
  return found->second;
}

}  // namespace portrait
