#include "core/access/shared_admin_token.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/access/admin_token_file.h"
#include "core/access/token.h"
#include "core/access/token_codec.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/store/suppression.h"

namespace portrait {
namespace {

constexpr size_t kSaltBytes = 16;

}  // namespace

std::string MakeAdminSalt() { return RandomBytes(kSaltBytes); }

Secret SharedAdminSecret(const Secret& key, absl::string_view salt) {
  return Secret(TokenSecretOf(SuppressionHasher(key).Hash(
      absl::StrCat("portrait: admin token/", salt))));
}

absl::Status WriteSharedAdminToken(KeyValueStore& store, const Secret& key,
                                   const std::string& file) {
  const absl::StatusOr<std::string> salt = store.Get(kAdminSaltKey);
  if (absl::IsNotFound(salt.status())) return absl::OkStatus();
  RETURN_IF_ERROR(salt.status());
  const Secret secret = SharedAdminSecret(key, *salt);
  const auto token = store.Get(TokenKey(TokenDigest(secret)));
  if (absl::IsNotFound(token.status())) return absl::OkStatus();
  RETURN_IF_ERROR(token.status());
  const absl::StatusOr<std::string> written = ReadFile(file);
  if (written.ok() && secret == absl::StripSuffix(*written, "\n")) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WriteAdminTokenFile(file, secret));
  LogInfo("access: wrote the admin token to {}", file);
  return absl::OkStatus();
}

}  // namespace portrait
