// Blobs in a bucket of Amazon S3 or of a server that speaks its protocol.
#ifndef PORTRAIT_CORE_IMAGE_S3_BLOBS_H_
#define PORTRAIT_CORE_IMAGE_S3_BLOBS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/secret.h"
#include "core/image/blob_store.h"

namespace portrait {

struct S3Credentials {
  std::string access_key;
  Secret secret_key;
  Secret session_token;  // empty: none
};

// Reads aws_access_key_id, aws_secret_access_key and aws_session_token, as
// lines NAME = VALUE of the file's first section.
//
// Errors, all naming the file: those of ReadFile; PERMISSION_DENIED if others
// may read it; INVALID_ARGUMENT if a key is missing.
absl::StatusOr<S3Credentials> ReadS3Credentials(const std::string& file);
// From AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
//
// Errors: INVALID_ARGUMENT if one of the first two is missing.
absl::StatusOr<S3Credentials> S3CredentialsOfEnvironment();

struct S3Options {
  std::string bucket;
  std::string prefix;    // "" or "some/folder/"
  std::string endpoint;  // http(s)://HOST[:PORT]; empty: Amazon's of the region
  std::string region = "us-east-1";
  bool path_style = false;  // ENDPOINT/BUCKET/KEY, not BUCKET.ENDPOINT/KEY
  // "AES256", "aws:kms" or "aws:kms:KEY"; empty: as the bucket does by default.
  std::string encryption;
  std::string ca_file;  // PEM; empty: the system's authorities
  // Called for each request, so that keys may be replaced while it runs.
  std::function<absl::StatusOr<S3Credentials>()> credentials;
  absl::Duration timeout = absl::Seconds(20);  // of one attempt
};

// Reads "s3://bucket" or "s3://bucket/prefix" into `options`.
//
// Errors: INVALID_ARGUMENT if a name has characters that S3 does not allow in
// buckets, or that would need escaping in keys.
absl::Status ParseS3Place(const std::string& place, S3Options* options);

// Checks the bucket and opens it. A bucket that is not reachable at the moment
// opens, too.
//
// Errors: FAILED_PRECONDITION if it does not exist, or keeps what is deleted
// (versioning); PERMISSION_DENIED; those of the credentials.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenS3Blobs(S3Options options);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_S3_BLOBS_H_
