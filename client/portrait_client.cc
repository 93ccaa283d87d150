#include "client/portrait_client.h"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace portrait::client {
namespace {

// A message carries at most 1000 results of a few kilobytes each.
constexpr int kMaxMessageBytes = 16 * 1024 * 1024;
constexpr size_t kMaxFileBytes = 1024 * 1024;

// By default gRPC waits up to two minutes before it reconnects. This client
// should find a restarted server within seconds.
constexpr int kMinRedialMillis = 100;
constexpr int kMaxRedialMillis = 2'000;

// Pings during a call detect a server that has disappeared without closing the
// connection. The server refuses pings that are less than 10 seconds apart.
constexpr int kKeepaliveMillis = 60'000;
constexpr int kKeepaliveTimeoutMillis = 20'000;

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    return absl::ErrnoToStatus(error, absl::StrCat("cannot read ", path));
  }
  std::string content(kMaxFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || content.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot read ", path, ": larger than 1 MiB, or not a file"));
  }
  return content;
}

// gRPC aborts the process if a header has bytes that HTTP/2 does not allow.
absl::Status CheckToken(absl::string_view token) {
  for (const char c : token) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(
          "the token has an invalid character: white space, a control "
          "character "
          "or a character outside ASCII");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WithPort(absl::string_view server) {
  const absl::Status malformed = absl::InvalidArgumentError(absl::StrCat(
      "server \"", server, "\": expected HOST:PORT, HOST or unix:PATH"));
  if (absl::StartsWith(server, "unix:")) return std::string(server);
  if (server.empty() || absl::StrContains(server, "/")) return malformed;
  const size_t colon = server.rfind(':');
  const size_t bracket = server.rfind(']');
  const bool has_port =
      colon != absl::string_view::npos &&
      (bracket == absl::string_view::npos ? server.find(':') == colon
                                          : colon > bracket);
  if (!has_port) return absl::StrCat(server, ":", kDefaultPort);
  int port = 0;
  if (colon == 0 || !absl::SimpleAtoi(server.substr(colon + 1), &port) ||
      port < 1 || port > 65535) {
    return malformed;
  }
  return std::string(server);
}

// The contents of the files of ClientOptions.
struct TlsContent {
  std::string roots, cert, key, server_certificate;
};

absl::StatusOr<TlsContent> ReadTlsFiles(const ClientOptions& options) {
  if (options.cert_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate needs both files: its PEM and its private key");
  }
  TlsContent content;
  for (const auto& [path, target] :
       {std::pair(&options.ca_file, &content.roots),
        std::pair(&options.cert_file, &content.cert),
        std::pair(&options.key_file, &content.key),
        std::pair(&options.server_certificate_file,
                  &content.server_certificate)}) {
    if (path->empty()) continue;
    absl::StatusOr<std::string> read = ReadSmallFile(*path);
    if (!read.ok()) return read.status();
    *target = *std::move(read);
  }
  return content;
}

// The chain is not added: other certificates of its authorities are not
// trusted.
std::string FirstCertificate(const std::string& pem) {
  constexpr absl::string_view kEnd = "-----END CERTIFICATE-----";
  const size_t end = pem.find(kEnd.data(), 0, kEnd.size());
  return end == std::string::npos
             ? pem
             : absl::StrCat(pem.substr(0, end + kEnd.size()), "\n");
}

// Credentials for a server with one known certificate: that is the only root,
// and the server's name does not matter.
std::shared_ptr<grpc::ChannelCredentials> PinnedCredentials(
    const TlsContent& content) {
  using grpc::experimental::IdentityKeyCertPair;
  std::vector<IdentityKeyCertPair> identity;
  if (!content.cert.empty()) identity.push_back({content.key, content.cert});
  grpc::experimental::TlsChannelCredentialsOptions tls;
  tls.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
          FirstCertificate(content.server_certificate), identity));
  tls.watch_root_certs();
  if (!identity.empty()) tls.watch_identity_key_cert_pairs();
  tls.set_certificate_verifier(
      std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  tls.set_check_call_host(false);
  return grpc::experimental::TlsCredentials(tls);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const ClientOptions& options) {
  const absl::StatusOr<TlsContent> content = ReadTlsFiles(options);
  if (!content.ok()) return content.status();
  if (!content->server_certificate.empty()) return PinnedCredentials(*content);
  if (!options.tls && content->roots.empty() && content->cert.empty()) {
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = content->roots;
  ssl.pem_cert_chain = content->cert;
  ssl.pem_private_key = content->key;
  return grpc::SslCredentials(ssl);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PortraitClient>> PortraitClient::Make(
    ClientOptions options) {
  absl::StatusOr<std::string> server = WithPort(options.server);
  if (!server.ok()) return server.status();
  options.server = *std::move(server);
  if (absl::Status status = CheckToken(options.token); !status.ok()) {
    return status;
  }

  auto credentials = CredentialsOf(options);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kMinRedialMillis);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxRedialMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMillis);
  // gRPC does not retry calls. BulkEnricher and ChangeWatcher retry by
  // themselves, because they know which items have no result.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  auto channel =
      grpc::CreateCustomChannel(options.server, *credentials, arguments);
  return std::unique_ptr<PortraitClient>(
      new PortraitClient(std::move(options), std::move(channel)));
}

PortraitClient::PortraitClient(ClientOptions options,
                               std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)),
      pictures_(v1::ProfilePictureService::NewStub(channel)),
      sessions_(v1::SessionService::NewStub(channel)),
      access_(v1::AccessService::NewStub(channel)),
      health_(grpc::health::v1::Health::NewStub(channel)),
      admin_(v1::AdminService::NewStub(channel)) {}

std::unique_ptr<grpc::ClientContext> PortraitClient::NewContext(
    absl::Duration timeout) const {
  auto context = std::make_unique<grpc::ClientContext>();
  if (timeout < absl::InfiniteDuration()) {
    context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
  if (!options_.token.empty()) {
    context->AddMetadata("authorization",
                         absl::StrCat("Bearer ", options_.token));
  }
  return context;
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  absl::StatusOr<std::string> content = ReadSmallFile(path);
  if (!content.ok()) return content.status();
  std::string token(absl::StripAsciiWhitespace(*content));
  if (token.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("token file ", path, " is empty"));
  }
  if (!CheckToken(token).ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("token file ", path,
                     " has white space or invalid characters in its token"));
  }
  return token;
}

absl::Status ToStatus(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

bool IsTransient(absl::StatusCode code) {
  switch (code) {
    // A broken connection may be reported with any of these codes.
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

}  // namespace portrait::client
