#include "tests/whatsapp_sim/control/stanza_recorder.h"

#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/json_text.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::Node;

constexpr size_t kMaxStanzas = 1'000'000;

std::string Quoted(absl::string_view text) {
  std::string json;
  AppendJsonText(text, &json);
  return json;
}

std::string TextToJson(const std::string& text) {
  if (!absl::StrContains(text, '@')) return Quoted(text);
  return absl::StrCat("{\"text\":", Quoted(text), "}");
}

std::string JidToJson(const Jid& jid) { return Quoted(jid.ToString()); }

std::string ContentToJson(const Node::Content& content) {
  if (const auto* children = std::get_if<Node::Children>(&content)) {
    return absl::StrCat("[",
                        absl::StrJoin(*children, ",",
                                      [](std::string* out, const Node& child) {
                                        out->append(NodeToJson(child));
                                      }),
                        "]");
  }
  if (const auto* bytes = std::get_if<Node::Bytes>(&content)) {
    return absl::StrCat("{\"hex\":\"", absl::BytesToHexString(bytes->data),
                        "\"}");
  }
  if (const auto* jid = std::get_if<Jid>(&content)) return JidToJson(*jid);
  return TextToJson(std::get<std::string>(content));
}

}  // namespace

std::string NodeToJson(const Node& node) {
  std::string attributes;
  for (const auto& [name, value] : node.attributes) {
    absl::StrAppend(&attributes, attributes.empty() ? "" : ",", Quoted(name),
                    ":",
                    std::holds_alternative<Jid>(value)
                        ? JidToJson(std::get<Jid>(value))
                        : TextToJson(std::get<std::string>(value)));
  }
  std::string json = absl::StrCat("{\"tag\":", Quoted(node.tag), ",\"attrs\":{",
                                  attributes, "}");
  if (!std::holds_alternative<std::monostate>(node.content)) {
    absl::StrAppend(&json, ",\"content\":", ContentToJson(node.content));
  }
  return json + "}";
}

void StanzaRecorder::Enable() {
  absl::MutexLock lock(&mu_);
  enabled_ = true;
}

absl::Status StanzaRecorder::WriteTo(const std::string& path) {
  absl::MutexLock lock(&mu_);
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (file_.is_open()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

void StanzaRecorder::Record(const std::string& companion, const Node& node) {
  absl::MutexLock lock(&mu_);
  if (enabled_ && stanzas_.size() < kMaxStanzas) {
    stanzas_.push_back({companion, node});
  }
  if (file_.is_open()) {
    file_ << "{\"companion\":" << Quoted(companion)
          << ",\"node\":" << NodeToJson(node) << "}" << std::endl;
  }
}

void StanzaRecorder::RecordPayload(const std::string& payload) {
  absl::MutexLock lock(&mu_);
  if (!file_.is_open()) return;
  file_ << "{\"payload\":{\"hex\":\"" << absl::BytesToHexString(payload)
        << "\"}}" << std::endl;
}

std::vector<RecordedStanza> StanzaRecorder::stanzas() const {
  absl::MutexLock lock(&mu_);
  return stanzas_;
}

}  // namespace portrait::sim
