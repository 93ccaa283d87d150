// S3Client sends signed requests to one bucket, by libcurl's
// CURLOPT_AWS_SIGV4.
#ifndef PORTRAIT_CORE_IMAGE_S3_CLIENT_H_
#define PORTRAIT_CORE_IMAGE_S3_CLIENT_H_

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/image/s3_blobs.h"

namespace portrait {

struct S3Request {
  const char* method = "GET";
  std::string key;    // within the bucket; empty: the bucket itself
  std::string query;  // sorted by name, each with "=": libcurl does neither
  absl::string_view body;  // of PUT
};

struct S3Response {
  long status = 0;
  std::string body;
};

// Thread-safe; keeps its connections for later requests.
class S3Client {
 public:
  explicit S3Client(S3Options options);

  // Sends the request, again after a pause if the server is overloaded or not
  // reachable; blocks. `what` is for error messages: "image put".
  //
  // Errors: NOT_FOUND, FAILED_PRECONDITION (no such bucket, wrong region),
  // PERMISSION_DENIED, RESOURCE_EXHAUSTED (the answer is too large),
  // UNAVAILABLE.
  absl::StatusOr<std::string> Send(const S3Request& request,
                                   absl::string_view what);

  const S3Options& options() const { return options_; }

 private:
  struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  using Easy = std::unique_ptr<CURL, EasyDeleter>;

  std::string UrlOf(const S3Request& request) const;
  absl::StatusOr<S3Response> SendOnce(const S3Request& request,
                                      absl::string_view what);
  Easy TakeEasy();
  void GiveBack(Easy easy);

  const S3Options options_;
  absl::Mutex mu_;
  std::vector<Easy> idle_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_S3_CLIENT_H_
