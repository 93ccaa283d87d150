#include "server/image_flags.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace portrait {
namespace {

constexpr size_t kMaxImageConnections = 256;
constexpr size_t kMaxImageHelpers = 64;

void AddBucketFlags(Flags& flags, ImageOptions* options) {
  flags.Text("--images-s3-endpoint", "URL", &options->s3.endpoint,
             "Server of the bucket, https:// or http://; unset: Amazon's of "
             "the region");
  flags.Text("--images-s3-region", "REGION", &options->s3.region,
             "Region of the bucket");
  flags.Switch("--images-s3-path-style", &options->s3.path_style,
               "Address the bucket as URL/BUCKET, not BUCKET.HOST");
  flags.Parsed(
      "--images-s3-encryption", "KIND", "", "AES256, aws:kms or aws:kms:KEY",
      [&kind = options->s3.encryption](const std::string& text) {
        kind = text;
        return text == "AES256" || text == "aws:kms" ||
               absl::StartsWith(text, "aws:kms:");
      },
      "Ask the bucket to encrypt images so; unset: the bucket's default");
  flags.Text("--images-s3-credentials", "FILE", &options->s3_credentials_file,
             "File with aws_access_key_id, aws_secret_access_key and "
             "aws_session_token, read at each request; unset: the environment "
             "variables AWS_ACCESS_KEY_ID and so on");
  flags.Text("--images-s3-ca", "FILE", &options->s3.ca_file,
             "Certificate authorities trusted for the bucket, PEM; unset: the "
             "system's");
}

}  // namespace

void AddImageFlags(Flags& flags, ImageOptions* options) {
  flags.Group("Images");
  flags.Text("--images", "DIR|s3://BUCKET/PREFIX", &options->place,
             "Keep the images of pictures in this folder or bucket, which "
             "belongs to this server alone; unset: no images");
  flags.Switch("--fetch-images", &options->fetches_all,
               "Fetch the image of each available picture that a lookup "
               "returns; otherwise lookups ask for it (options.images)");
  flags.Text("--images-key", "FILE", &options->key_file,
             "Key that encrypts the images and their names; created if "
             "missing; unset: they are stored as they are");
  flags.Parsed(
      "--images-keep-replaced", "DURATION", "30d",
      "a duration such as 30d or 12h, not negative",
      [options](const std::string& text) {
        return ParseDays(text, &options->keep_replaced);
      },
      "Time for which the image of a replaced picture is kept; those of "
      "hidden, removed and forgotten ones are deleted at once");
  flags.Count("--images-connections", "COUNT", 1, kMaxImageConnections,
              &options->fetcher.connections,
              "Limit of connections to WhatsApp's image servers");
  flags.Number("--images-rate", "IMAGES/S", &options->fetcher.host_per_second,
               "Images fetched per second and server; 0: unlimited");
  flags.Count("--images-decoders", "COUNT", 1, kMaxImageHelpers,
              &options->reader.helpers,
              "Sandboxed processes that decode images");
  flags.Text("--images-cdn", "URL", &options->fetcher.extra_origin,
             "A further image server, on this machine's loopback, for a "
             "simulated network");
  AddBucketFlags(flags, options);
}

absl::Status CheckImageFlags(const ImageOptions& options) {
  if (options.place.empty()) {
    if (!options.fetches_all && options.key_file.empty()) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        "--fetch-images, --images-key: expected --images, too");
  }
  const std::string& origin = options.fetcher.extra_origin;
  const std::string refused = origin.empty() ? "" : CheckExtraOrigin(origin);
  if (!refused.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--images-cdn: ", refused));
  }
  if (!absl::StrContains(options.place, "://")) return absl::OkStatus();
  S3Options parsed;
  const absl::Status status = ParseS3Place(options.place, &parsed);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--images: ", status.message()));
  }
  const std::string& endpoint = options.s3.endpoint;
  if (!endpoint.empty() && ((!absl::StartsWith(endpoint, "https://") &&
                             !absl::StartsWith(endpoint, "http://")) ||
                            absl::EndsWith(endpoint, "/"))) {
    return absl::InvalidArgumentError(
        "--images-s3-endpoint: expected https://HOST or http://HOST:PORT, "
        "without a path");
  }
  return absl::OkStatus();
}

}  // namespace portrait
