#include "core/image/s3_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "core/base/random.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr size_t kMaxIdleConnections = 16;
constexpr int kS3Attempts = 3;
// The pause before the second attempt; it doubles, and half of it is random.
constexpr absl::Duration kS3Pause = absl::Milliseconds(200);
constexpr size_t kMaxErrorCodeBytes = 64;
// How long a large body waits for the server's "100 Continue".
constexpr long kExpectMilliseconds = 1;
constexpr absl::string_view kAmazonHost = ".amazonaws.com";

struct HeaderDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// The headers of a request; some of them are secret.
class S3Headers {
 public:
  void Add(const std::string& header) {
    list_.reset(curl_slist_append(list_.release(), header.c_str()));
  }
  curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, HeaderDeleter> list_;
};

size_t OnS3Bytes(char* bytes, size_t /*one*/, size_t size, void* data) {
  auto* const body = static_cast<std::string*>(data);
  if (body->size() + size > kMaxBlobBytes) return 0;
  body->append(bytes, size);
  return size;
}

std::string HexSha256(absl::string_view bytes) {
  return absl::BytesToHexString(Sha256(bytes));
}

// The <Code> of an error document, if it is a plain word.
std::string ErrorCodeOf(absl::string_view body) {
  const size_t start = body.find("<Code>");
  const size_t end = body.find("</Code>");
  if (start == absl::string_view::npos || end == absl::string_view::npos ||
      end < start + 6 || end - start > kMaxErrorCodeBytes) {
    return "";
  }
  const absl::string_view code = body.substr(start + 6, end - start - 6);
  const bool is_word =
      std::all_of(code.begin(), code.end(), absl::ascii_isalnum);
  return is_word ? absl::StrCat(" ", code) : "";
}

absl::Status StatusOfS3(const S3Response& response, absl::string_view what) {
  const std::string code = ErrorCodeOf(response.body);
  const std::string text =
      absl::StrCat(what, ": the bucket answered ", response.status, code);
  if (response.status == 404 && code != " NoSuchBucket") {
    return absl::NotFoundError(text);
  }
  if (response.status == 403 || response.status == 401) {
    return absl::PermissionDeniedError(text);
  }
  if (response.status >= 500 || response.status == 429 ||
      response.status == 408) {
    return absl::UnavailableError(text);
  }
  return absl::FailedPreconditionError(text);
}

void AddEncryption(const std::string& encryption, S3Headers* headers) {
  if (encryption.empty()) return;
  absl::string_view key = encryption;
  if (absl::ConsumePrefix(&key, "aws:kms:")) {
    headers->Add("x-amz-server-side-encryption: aws:kms");
    headers->Add(
        absl::StrCat("x-amz-server-side-encryption-aws-kms-key-id: ", key));
    return;
  }
  headers->Add(absl::StrCat("x-amz-server-side-encryption: ", encryption));
}

S3Headers HeadersOf(const S3Request& request, const S3Options& options,
                    const S3Credentials& credentials) {
  S3Headers headers;
  // Some servers require it, although the signature covers it.
  headers.Add(absl::StrCat("x-amz-content-sha256: ", HexSha256(request.body)));
  if (!credentials.session_token.empty()) {
    std::string token = absl::StrCat("x-amz-security-token: ",
                                     credentials.session_token.view());
    headers.Add(token);
    Wipe(token);
  }
  if (absl::string_view(request.method) == "PUT") {
    headers.Add("Content-Type: application/octet-stream");
    AddEncryption(options.encryption, &headers);
  }
  return headers;
}

void SetS3Options(CURL* easy, const S3Request& request,
                  const S3Options& options, const S3Headers& headers) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method);
  if (absl::string_view(request.method) == "PUT") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  // An empty "Expect:" header would be signed, but not sent.
  curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, kExpectMilliseconds);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(
      easy, CURLOPT_TIMEOUT_MS,
      static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4,
                   absl::StrCat("aws:amz:", options.region, ":s3").c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnS3Bytes);
}

}  // namespace

S3Client::S3Client(S3Options options) : options_(std::move(options)) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialized;
}

std::string S3Client::UrlOf(const S3Request& request) const {
  absl::string_view endpoint = options_.endpoint;
  const std::string amazon =
      absl::StrCat("https://s3.", options_.region, kAmazonHost);
  if (endpoint.empty()) endpoint = amazon;
  std::string url;
  if (options_.path_style) {
    url = absl::StrCat(endpoint, "/", options_.bucket, "/", request.key);
  } else {
    const size_t host = endpoint.find("//") + 2;
    url = absl::StrCat(endpoint.substr(0, host), options_.bucket, ".",
                       endpoint.substr(host), "/", request.key);
  }
  if (!request.query.empty()) absl::StrAppend(&url, "?", request.query);
  return url;
}

S3Client::Easy S3Client::TakeEasy() {
  {
    absl::MutexLock lock(&mu_);
    if (!idle_.empty()) {
      Easy easy = std::move(idle_.back());
      idle_.pop_back();
      return easy;
    }
  }
  return Easy(curl_easy_init());
}

void S3Client::GiveBack(Easy easy) {
  curl_easy_reset(easy.get());  // keeps the connection
  absl::MutexLock lock(&mu_);
  if (idle_.size() < kMaxIdleConnections) idle_.push_back(std::move(easy));
}

absl::StatusOr<S3Response> S3Client::SendOnce(const S3Request& request,
                                              absl::string_view what) {
  ASSIGN_OR_RETURN(const S3Credentials credentials, options_.credentials());
  Easy easy = TakeEasy();
  if (easy == nullptr) return absl::UnavailableError("libcurl does not start");
  const S3Headers headers = HeadersOf(request, options_, credentials);
  SetS3Options(easy.get(), request, options_, headers);
  curl_easy_setopt(easy.get(), CURLOPT_URL, UrlOf(request).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_USERNAME,
                   credentials.access_key.c_str());
  std::string secret(credentials.secret_key.view());
  curl_easy_setopt(easy.get(), CURLOPT_PASSWORD, secret.c_str());
  Wipe(secret);
  S3Response response;
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &response.body);
  const CURLcode code = curl_easy_perform(easy.get());
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &response.status);
  const bool is_too_large = code == CURLE_WRITE_ERROR;
  GiveBack(std::move(easy));
  if (is_too_large) {
    return absl::ResourceExhaustedError(
        absl::StrCat(what, ": the answer is over ", kMaxBlobBytes, " bytes"));
  }
  if (code != CURLE_OK) {
    return absl::UnavailableError(
        absl::StrCat(what, ": ", curl_easy_strerror(code)));
  }
  return response;
}

absl::StatusOr<std::string> S3Client::Send(const S3Request& request,
                                           absl::string_view what) {
  absl::Duration pause = kS3Pause;
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<S3Response> response = SendOnce(request, what);
    absl::Status status = response.status();
    if (response.ok()) {
      if (response->status >= 200 && response->status < 300) {
        return std::move(response->body);
      }
      status = StatusOfS3(*response, what);
    }
    if (!absl::IsUnavailable(status) || attempt == kS3Attempts) return status;
    absl::SleepFor(pause * RandomBetween(0.5, 1));
    pause *= 2;
  }
}

}  // namespace portrait
