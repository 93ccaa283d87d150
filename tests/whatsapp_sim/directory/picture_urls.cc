#include "tests/whatsapp_sim/directory/picture_urls.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/random.h"
#include "core/whatsapp/crypto.h"

namespace portrait::sim {
namespace {

constexpr absl::string_view kFolder = "/v/t61.24694-24/";
constexpr absl::string_view kFileEnd = "_n.jpg";
constexpr absl::string_view kSignatureStart = "01_";

std::optional<PictureFile> ParsePath(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, kFolder) ||
      !absl::ConsumeSuffix(&path, kFileEnd)) {
    return std::nullopt;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '_');
  PictureFile file;
  uint64_t id = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &file.subject) ||
      !absl::SimpleAtoi(parts[1], &id) ||
      !absl::SimpleAtoi(parts[2], &file.pixels) ||
      (file.pixels != kImagePixels && file.pixels != kPreviewPixels)) {
    return std::nullopt;
  }
  file.picture_id = std::string(parts[1]);
  return file;
}

// `signed_text` is the path and every parameter but `oh`, as in the URL.
std::string SignatureOf(absl::string_view key, absl::string_view signed_text) {
  return absl::StrCat(
      kSignatureStart,
      absl::WebSafeBase64Escape(whatsapp::HmacSha256(key, signed_text)));
}

}  // namespace

PictureUrls::Signed PictureUrls::Sign(const PictureFile& file) const {
  const std::string path = absl::StrCat(
      kFolder, file.subject, "_", file.picture_id, "_", file.pixels, kFileEnd);
  const int64_t expires = absl::ToUnixSeconds(options_.clock() + options_.life);
  const std::string start = file.pixels == kPreviewPixels
                                ? "stp=dst-jpg_s96x96&ccb=11-4"
                                : "ccb=11-4";
  constexpr size_t kNonceBytes = 9;
  const std::string rest = absl::StrCat(
      "oe=", absl::AsciiStrToUpper(absl::StrCat(absl::Hex(expires))),
      "&_nc_sid=5e03e0&_nc_cat=101&_nc_ohc=",
      absl::WebSafeBase64Escape(RandomBytes(kNonceBytes)));
  const std::string signature =
      SignatureOf(options_.key, absl::StrCat(path, "?", start, "&", rest));
  Signed result;
  result.direct_path =
      absl::StrCat(path, "?", start, "&oh=", signature, "&", rest);
  result.url = absl::StrCat(options_.base_url, result.direct_path);
  return result;
}

absl::StatusOr<PictureFile> PictureUrls::Check(
    absl::string_view direct_path) const {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(direct_path, absl::MaxSplits('?', 1));
  const std::optional<PictureFile> file = ParsePath(parts.first);
  if (!file.has_value()) return absl::NotFoundError("Not Found");

  std::vector<absl::string_view> signed_parameters;
  absl::string_view signature, expiry;
  for (absl::string_view parameter : absl::StrSplit(parts.second, '&')) {
    if (absl::ConsumePrefix(&parameter, "oh=")) {
      signature = parameter;
      continue;
    }
    signed_parameters.push_back(parameter);
    if (absl::StartsWith(parameter, "oe=")) expiry = parameter.substr(3);
  }
  const std::string expected = SignatureOf(
      options_.key,
      absl::StrCat(parts.first, "?", absl::StrJoin(signed_parameters, "&")));
  if (!whatsapp::ConstantTimeEquals(signature, expected)) {
    return absl::PermissionDeniedError("URL signature mismatch");
  }
  int64_t seconds = 0;
  std::from_chars(expiry.data(), expiry.data() + expiry.size(), seconds, 16);
  if (options_.clock() >= absl::FromUnixSeconds(seconds)) {
    return absl::PermissionDeniedError("URL signature expired");
  }
  return *file;
}

}  // namespace portrait::sim
