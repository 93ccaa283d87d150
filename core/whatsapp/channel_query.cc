#include "core/whatsapp/channel_query.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/utf8.h"
#include "core/whatsapp/iq_error.h"
#include "core/whatsapp/name_text.h"
#include "google/protobuf/util/json_util.h"
#include "whatsapp/mex.pb.h"

namespace portrait::whatsapp {
namespace {

using proto::ChannelReply;

// The id of the stored query with which WhatsApp Web asks about channels.
constexpr char kQueryId[] = "27456920720571478";
constexpr int kNotFound = 404;
constexpr int kServerError = 500;

absl::Status Unreadable(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("channel query: ", why));
}

// Picks the error that counts if there are several, as WhatsApp's client does.
ProtocolError FatalError(const ChannelReply& reply) {
  const ChannelReply::Error* fatal = nullptr;
  for (const ChannelReply::Error& error : reply.errors()) {
    if (error.extensions().is_summary()) {
      fatal = &error;
      break;
    }
    if (fatal == nullptr && error.extensions().error_code() != 0) {
      fatal = &error;
    }
  }
  if (fatal == nullptr) fatal = &reply.errors(0);
  const int code = fatal->extensions().error_code();
  return {code == 0 ? kServerError : code,
          Presentable(fatal->message(), kMaxErrorTextBytes),
          {}};
}

// "/v/t61.24694-24/416962407_n.jpg?oe=…" → "416962407_n.jpg": the constant part
// of a path, which identifies a picture without an id.
std::string FileName(absl::string_view path) {
  path = path.substr(0, path.find('?'));
  const size_t slash = path.rfind('/');
  return std::string(slash == absl::string_view::npos ? path
                                                      : path.substr(slash + 1));
}

// Returns the path if it cannot change the host that it is appended to, and
// names a file; otherwise the channel has no picture.
std::string PathOf(const ChannelReply::Picture& picture) {
  const std::string& path = picture.direct_path();
  return absl::StartsWith(path, "/") && !FileName(path).empty() ? path : "";
}

ChannelAnswer NoChannel() {
  ChannelAnswer answer;
  answer.exists = false;
  return answer;
}

}  // namespace

Node MakeChannelQuery(const Jid& channel) {
  // WhatsApp refuses the query if a variable is missing. The role "guest" does
  // not require following the channel.
  std::string variables = absl::StrCat(
      R"({"variables":{"input":{"key":")", channel.ToString(),
      R"(","type":"JID","view_role":"GUEST"},)",
      R"("fetch_creation_time":false,"fetch_full_image":true,)",
      R"("fetch_pinned_messages":false,"fetch_status_metadata":false,)",
      R"("fetch_viewer_metadata":false,"fetch_wamo_sub":false}})");
  return MakeNode("iq",
                  {{"xmlns", "w:mex"}, {"type", "get"}, {"to", ServerJid()}},
                  Node::Children{MakeNode("query", {{"query_id", kQueryId}},
                                          Node::Bytes{std::move(variables)})});
}

absl::StatusOr<ChannelAnswer> ParseChannelAnswer(const Node& iq) {
  if (absl::Status status = IqError(iq); !status.ok()) {
    if (absl::IsNotFound(status)) return NoChannel();
    return status;
  }
  const Node* const result = iq.FindChild("result");
  if (result == nullptr) return Unreadable("no <result>");
  ChannelReply reply;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(result->Data(), &reply,
                                                   options)
           .ok()) {
    return Unreadable("an answer that is not the expected JSON");
  }
  if (!reply.errors().empty()) {
    const ProtocolError error = FatalError(reply);
    if (error.code == kNotFound) return NoChannel();
    return StatusOf(error);
  }
  if (!reply.has_data()) return Unreadable("an answer without data");
  const ChannelReply::Channel& channel = reply.data().xwa2_newsletter();
  const std::string& state = channel.state().type();
  if (!reply.data().has_xwa2_newsletter() || state == "DELETED" ||
      state == "NON_EXISTING") {
    return NoChannel();
  }
  const ChannelReply::Thread& thread = channel.thread_metadata();
  ChannelAnswer answer;
  answer.name = NameText(thread.name().text());
  answer.image_path = PathOf(thread.picture());
  answer.preview_path = PathOf(thread.preview());
  const bool has_image = !answer.image_path.empty();
  const std::string& path = has_image ? answer.image_path : answer.preview_path;
  if (!path.empty()) {
    const std::string& id =
        has_image ? thread.picture().id() : thread.preview().id();
    answer.picture_id = id.empty() ? FileName(path) : id;
  }
  return answer;
}

}  // namespace portrait::whatsapp
