// Fuzzes what HTTP callers send as JSON, query parameters and envelopes: it
// becomes a request of the contract, or an error that is safe to show.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "portrait/v1/access.pb.h"
#include "portrait/v1/admin.pb.h"
#include "portrait/v1/profile_picture.pb.h"
#include "portrait/v1/session.pb.h"
#include "server/http/bulk_lines.h"
#include "server/http/envelope.h"
#include "server/http/http_message.h"
#include "server/http/json.h"
#include "server/http/parameters.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using google::protobuf::Message;

// The requests of all methods, and the body of the drop-in dialects.
std::vector<const google::protobuf::Descriptor*> FindRequests() {
  std::vector<const google::protobuf::Descriptor*> types = {
      google::protobuf::Struct::descriptor()};
  for (const auto* file : {v1::GetProfilePictureRequest::descriptor()->file(),
                           v1::ListSessionsRequest::descriptor()->file(),
                           v1::CreateTokenRequest::descriptor()->file(),
                           v1::CreateBackupRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        types.push_back(file->service(i)->method(j)->input_type());
      }
    }
  }
  return types;
}

std::unique_ptr<Message> RequestAt(uint8_t index) {
  static const auto& types =
      *new std::vector<const google::protobuf::Descriptor*>(FindRequests());
  return http::NewMessage(*types[index % types.size()]);
}

void ExpectRefusal(const absl::Status& status) {
  Expect(absl::IsInvalidArgument(status), "the caller is told of its mistake");
  ExpectPresentable(status);
}

// A request that was read can be written, and means the same.
void ExpectRoundTrip(const Message& request) {
  const absl::StatusOr<std::string> json = http::WriteJson(request);
  Expect(json.ok(), "a request that was read can be written");
  Expect(json->find('\n') == std::string::npos, "JSON is one line");
  const std::unique_ptr<Message> again(request.New());
  Expect(http::ReadJson(*json, http::UnknownFields::kRefuse, again.get()).ok(),
         "JSON that was written can be read");
  Expect(google::protobuf::util::MessageDifferencer::Equals(request, *again),
         "a round trip changes nothing");
}

void FuzzBody(absl::string_view text, uint8_t type) {
  for (const auto unknown :
       {http::UnknownFields::kRefuse, http::UnknownFields::kIgnore}) {
    const std::unique_ptr<Message> request = RequestAt(type);
    const absl::Status read = http::ReadJson(text, unknown, request.get());
    if (read.ok()) {
      ExpectRoundTrip(*request);
    } else {
      ExpectRefusal(read);
    }
  }
}

void FuzzParameters(absl::string_view query, uint8_t type) {
  const std::unique_ptr<Message> request = RequestAt(type);
  const auto parameters = http::ParseQuery(query);
  if (!parameters.has_value()) return;
  const absl::Status bound = http::BindParameters(*parameters, request.get());
  if (bound.ok()) {
    ExpectRoundTrip(*request);
  } else {
    ExpectRefusal(bound);
  }
}

// The items of a bulk lookup, from pieces of `size` bytes; "" if it is refused.
std::string ItemsOf(absl::string_view body, size_t size) {
  http::ItemReader reader;
  v1::EnrichProfilePicturesRequest request;
  while (true) {
    const absl::string_view piece = body.substr(0, size);
    body.remove_prefix(piece.size());
    const absl::Status read = reader.Read(piece, body.empty(), &request);
    if (!read.ok()) {
      ExpectRefusal(read);
      return "";
    }
    if (body.empty()) break;
  }
  for (const v1::EnrichItem& item : request.items()) {
    Expect(item.tag() != 0, "each item has a tag");
    Expect(IsUtf8(item.contact()) && IsUtf8(item.existing_id()) &&
               IsUtf8(item.country()),
           "items are UTF-8");
  }
  return request.SerializeAsString();
}

void FuzzItems(absl::string_view body, uint8_t size) {
  Expect(ItemsOf(body, body.size()) == ItemsOf(body, size + 1),
         "the same items, however the bytes arrive");
  // The fast path reads what protobuf reads.
  if (!absl::StartsWith(body, "{") || absl::StrContains(body, '\n')) return;
  v1::EnrichItem item;
  if (!http::ReadJson(body, http::UnknownFields::kRefuse, &item).ok()) return;
  if (item.tag() == 0) item.set_tag(1);
  v1::EnrichProfilePicturesRequest expected;
  *expected.add_items() = item;
  Expect(ItemsOf(body, body.size()) == expected.SerializeAsString(),
         "a line is read as protobuf reads it");
}

// A result is written as protobuf writes it.
void FuzzResult(absl::string_view text) {
  v1::EnrichResult result;
  if (!http::ReadJson(text, http::UnknownFields::kIgnore, &result).ok()) return;
  std::string line;
  http::AppendResultLine(result.SerializeAsString(), &line);
  const absl::StatusOr<std::string> json = http::WriteJson(result);
  Expect(json.ok() && line == *json + "\n",
         "a result is written as protobuf writes it");
}

void FuzzEnvelope(absl::string_view body) {
  const absl::StatusOr<std::string> opened = http::OpenEnvelope(body);
  if (opened.ok()) {
    Expect(http::Envelope(0, *opened) == body, "an envelope is the whole body");
  } else {
    ExpectPresentable(opened.status());
  }
  const absl::StatusOr<std::string> same =
      http::OpenEnvelope(http::Envelope(0, body));
  Expect(same.ok() && *same == body, "an envelope keeps its message");
}

}  // namespace
}  // namespace portrait::fuzz

// The first byte chooses what the rest is, the second one a request or a size.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data + 2),
                               size - 2);
  switch (data[0]) {
    case 'b':
      portrait::fuzz::FuzzBody(text, data[1]);
      break;
    case 'q':
      portrait::fuzz::FuzzParameters(text, data[1]);
      break;
    case 'i':
      portrait::fuzz::FuzzItems(text, data[1]);
      break;
    case 'r':
      portrait::fuzz::FuzzResult(text);
      break;
    default:
      portrait::fuzz::FuzzEnvelope(text);
  }
  return 0;
}
