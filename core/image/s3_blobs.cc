#include "core/image/s3_blobs.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/image/s3_client.h"

namespace portrait {
namespace {

constexpr size_t kMaxListed = 1000;  // S3's own limit

// The text between <name> and </name> that starts at or after `*at`, which
// moves behind it; nothing once there is no more.
bool NextElement(absl::string_view xml, absl::string_view name, size_t* at,
                 absl::string_view* text) {
  const std::string open = absl::StrCat("<", name, ">");
  const std::string close = absl::StrCat("</", name, ">");
  const size_t start = xml.find(open, *at);
  if (start == absl::string_view::npos) return false;
  const size_t end = xml.find(close, start);
  if (end == absl::string_view::npos) return false;
  *text = xml.substr(start + open.size(), end - start - open.size());
  *at = end + close.size();
  return true;
}

std::string ElementOf(absl::string_view xml, absl::string_view name) {
  size_t at = 0;
  absl::string_view text;
  return NextElement(xml, name, &at, &text) ? std::string(text) : "";
}

// A prefix has letters, digits and these marks only, see ParseS3Place.
std::string EscapedPrefix(absl::string_view prefix) {
  return absl::StrReplaceAll(prefix, {{"/", "%2F"}});
}

class S3Blobs final : public BlobStore {
 public:
  explicit S3Blobs(S3Options options) : client_(std::move(options)) {}

  absl::Status CheckBucket() {
    RETURN_IF_ERROR(CheckVersioning());
    return List("", 1).status();
  }

  absl::Status Put(const std::string& name, absl::string_view bytes) override {
    return client_.Send({"PUT", KeyOf(name), "", bytes}, "image put").status();
  }

  absl::StatusOr<std::string> Get(const std::string& name) override {
    auto got = client_.Send({"GET", KeyOf(name), "", ""}, "image get");
    if (absl::IsResourceExhausted(got.status())) {
      return absl::DataLossError("a stored image is too large");
    }
    return got;
  }

  absl::Status Delete(const std::string& name) override {
    const absl::Status status =
        client_.Send({"DELETE", KeyOf(name), "", ""}, "image delete").status();
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }

  // Keys that are no blobs do not end the listing: it goes on behind them.
  absl::StatusOr<std::vector<std::string>> List(absl::string_view after,
                                                size_t limit) override {
    std::string start(after);
    while (true) {
      const std::string& prefix = client_.options().prefix;
      std::string query =
          absl::StrCat("list-type=2&max-keys=", std::min(limit, kMaxListed),
                       "&prefix=", EscapedPrefix(prefix));
      if (!start.empty()) {
        absl::StrAppend(&query, "&start-after=", EscapedPrefix(prefix), start);
      }
      ASSIGN_OR_RETURN(const std::string xml,
                       client_.Send({"GET", "", query, ""}, "image list"));
      std::string last;
      std::vector<std::string> found = BlobsIn(xml, &last);
      const bool is_over = ElementOf(xml, "IsTruncated") != "true";
      if (!found.empty() || is_over || last <= start) return found;
      start = last;
    }
  }

 private:
  std::string KeyOf(const std::string& name) const {
    return absl::StrCat(client_.options().prefix, name);
  }

  std::vector<std::string> BlobsIn(absl::string_view xml,
                                   std::string* last) const {
    std::vector<std::string> found;
    size_t at = 0;
    absl::string_view contents;
    while (NextElement(xml, "Contents", &at, &contents)) {
      const std::string key = ElementOf(contents, "Key");
      absl::string_view name = key;
      if (!absl::ConsumePrefix(&name, client_.options().prefix)) continue;
      *last = std::string(name);
      if (IsBlobName(name)) found.push_back(*last);
    }
    return found;
  }

  // With versioning, a deleted image stays in the bucket under its version.
  absl::Status CheckVersioning() {
    const absl::StatusOr<std::string> xml =
        client_.Send({"GET", "", "versioning=", ""}, "bucket versioning");
    if (absl::IsPermissionDenied(xml.status())) {
      LogWarning(
          "images: the key may not read whether the bucket {} keeps versions "
          "(s3:GetBucketVersioning); if it does, deleted images remain there",
          client_.options().bucket);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(xml.status());
    const std::string status = ElementOf(*xml, "Status");
    if (status != "Enabled") return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "bucket ", client_.options().bucket,
        " keeps old versions, so that deleted images would remain in it; "
        "suspend its versioning, or use another bucket"));
  }

  S3Client client_;
};

absl::StatusOr<S3Credentials> CheckComplete(S3Credentials credentials,
                                            absl::string_view place) {
  if (!credentials.access_key.empty() && !credentials.secret_key.empty()) {
    return credentials;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(place, ": expected the access key and the secret key"));
}

bool IsKeyText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '-' || c == '_' ||
           c == '.';
  });
}

}  // namespace

absl::StatusOr<S3Credentials> ReadS3Credentials(const std::string& file) {
  struct stat info = {};
  if (stat(file.c_str(), &info) == 0 && (info.st_mode & S_IRWXO) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("S3 credentials ", file,
                     ": others than its owner can read or change it; run "
                     "chmod 600 on it"));
  }
  ASSIGN_OR_RETURN(std::string read, ReadFile(file));
  const Secret content(std::move(read));
  S3Credentials credentials;
  for (absl::string_view line : absl::StrSplit(content.view(), '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    const absl::string_view name = absl::StripAsciiWhitespace(parts.first);
    const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    if (absl::StartsWith(name, "[") && !credentials.access_key.empty()) break;
    if (name == "aws_access_key_id") {
      credentials.access_key = std::string(value);
    } else if (name == "aws_secret_access_key") {
      credentials.secret_key = Secret(value);
    } else if (name == "aws_session_token") {
      credentials.session_token = Secret(value);
    }
  }
  return CheckComplete(std::move(credentials), file);
}

absl::StatusOr<S3Credentials> S3CredentialsOfEnvironment() {
  const auto value_of = [](const char* name) {
    const char* const value = std::getenv(name);
    return absl::string_view(value == nullptr ? "" : value);
  };
  return CheckComplete({std::string(value_of("AWS_ACCESS_KEY_ID")),
                        Secret(value_of("AWS_SECRET_ACCESS_KEY")),
                        Secret(value_of("AWS_SESSION_TOKEN"))},
                       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

absl::Status ParseS3Place(const std::string& place, S3Options* options) {
  absl::string_view rest = place;
  if (!absl::ConsumePrefix(&rest, "s3://")) {
    return absl::InvalidArgumentError("expected s3://BUCKET/PREFIX");
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(rest, absl::MaxSplits('/', 1));
  const auto is_bucket_char = [](char c) {
    return absl::ascii_isdigit(c) || absl::ascii_islower(c) || c == '-' ||
           c == '.';
  };
  constexpr size_t kLeastBucket = 3, kMostBucket = 63, kMostPrefix = 512;
  if (parts.first.size() < kLeastBucket || parts.first.size() > kMostBucket ||
      !std::all_of(parts.first.begin(), parts.first.end(), is_bucket_char)) {
    return absl::InvalidArgumentError(
        "expected a bucket of 3 to 63 lower-case letters, digits, '-' and '.'");
  }
  if (!IsKeyText(parts.second) || parts.second.size() > kMostPrefix ||
      absl::StrContains(parts.second, "//") ||
      absl::StrContains(parts.second, "..")) {
    return absl::InvalidArgumentError(
        "expected a prefix of letters, digits, '-', '_', '.' and '/'");
  }
  options->bucket = std::string(parts.first);
  options->prefix = std::string(absl::StripSuffix(parts.second, "/"));
  if (!options->prefix.empty()) options->prefix += "/";
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<BlobStore>> OpenS3Blobs(S3Options options) {
  RETURN_IF_ERROR(options.credentials().status());
  auto blobs = std::make_unique<S3Blobs>(std::move(options));
  const absl::Status checked = blobs->CheckBucket();
  if (absl::IsUnavailable(checked)) {
    LogWarning("images: {}", checked.ToString());
    return blobs;
  }
  RETURN_IF_ERROR(checked);
  return blobs;
}

}  // namespace portrait
