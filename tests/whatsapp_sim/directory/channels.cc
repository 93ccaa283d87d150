#include "tests/whatsapp_sim/directory/channels.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "simulator_state.pb.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

constexpr char kFetchChannel[] = "27456920720571478";

// Errors: those of Broken().
absl::StatusOr<Jid> ParseQuery(const Node& query) {
  state::ChannelRequest request;
  google::protobuf::util::JsonParseOptions options;
  if (!google::protobuf::util::JsonStringToMessage(query.Data(), &request,
                                                   options)
           .ok()) {
    return Broken(Rule::kChannel, "not the JSON of that query");
  }
  const auto& variables = request.variables();
  if (!variables.has_fetch_creation_time() ||
      !variables.has_fetch_full_image() ||
      !variables.has_fetch_pinned_messages() ||
      !variables.has_fetch_status_metadata() ||
      !variables.has_fetch_viewer_metadata() ||
      !variables.has_fetch_wamo_sub()) {
    return Broken(Rule::kChannel, "a variable is left out");
  }
  const absl::StatusOr<Jid> jid = whatsapp::ParseJid(variables.input().key());
  if (!jid.ok() || jid->server != whatsapp::kNewsletterServer ||
      variables.input().type() != "JID") {
    return Broken(Rule::kChannel, "no JID of a channel");
  }
  return *jid;
}

std::string PictureJson(const Network& network, uint64_t subject,
                        const std::string& id, int pixels) {
  const std::string path = network.urls.Sign({subject, id, pixels}).direct_path;
  return absl::StrCat(R"({"id":")", id, R"(","type":")",
                      pixels == kImagePixels ? "IMAGE" : "PREVIEW",
                      R"(","direct_path":")", path, "\"}");
}

// Names and paths have no characters that JSON must escape.
std::string ChannelJson(const Network& network, const Jid& jid) {
  const Channel channel = network.directory.FindChannel(jid);
  if (!channel.exists) return R"({"data":{"xwa2_newsletter":null}})";
  const uint64_t subject = network.directory.SubjectOf(jid);
  std::string image = "null", preview = "null";
  if (!channel.picture.id.empty()) {
    preview = PictureJson(network, subject, channel.picture.id, kPreviewPixels);
    if (subject % 2 == 0) {
      image = PictureJson(network, subject, channel.picture.id, kImagePixels);
    }
  }
  return absl::StrCat(R"({"data":{"xwa2_newsletter":{"id":")", jid.ToString(),
                      R"(","state":{"type":"ACTIVE"},"thread_metadata":{)",
                      R"("creation_time":"1688746895","name":{"text":")",
                      channel.name, R"("},"picture":)", image, R"(,"preview":)",
                      preview, R"(,"verification":"UNVERIFIED"}}}})");
}

}  // namespace

Reaction ReactToMex(const Asker& asker, const Node& iq) {
  const Node* const query = iq.FindChild("query");
  if (query == nullptr || query->AttributeOr("query_id") != kFetchChannel) {
    return Answer(ErrorOf(iq, 501));
  }
  const absl::StatusOr<Jid> jid = ParseQuery(*query);
  if (!jid.ok()) return Punish(iq, jid.status());
  return Answer(ResultOf(
      iq, Node::Children{MakeNode(
              "result", {}, Node::Bytes{ChannelJson(asker.network, *jid)})}));
}

}  // namespace portrait::sim
