#include "core/whatsapp/stream_end.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"

namespace portrait::whatsapp {
namespace {

using Kind = StreamEnd::Kind;

// A longer one is for ever.
constexpr uint64_t kMaxBanSeconds = std::numeric_limits<uint32_t>::max();

// What the `code` of a temporary ban says.
const char* BanReason(uint64_t code) {
  switch (code) {
    case 101:
      return "too many messages to people who do not know the account";
    case 102:
      return "blocked by too many people";
    case 103:
      return "too many groups created";
    case 104:
      return "the same message sent too often";
    case 106:
      return "too many messages to broadcast lists";
    default:
      return "";
  }
}

Kind KindOfFailure(uint64_t reason) {
  switch (reason) {
    case 401:
      return Kind::kLoggedOut;
    case 402:
    case 403:
    case 406:
      return Kind::kBanned;
    case 405:
      return Kind::kOutdated;
    case 500:
    case 503:
      return Kind::kDropped;
    default:
      return Kind::kRefused;
  }
}

StreamEnd ParseFailure(const Node& failure) {
  StreamEnd end;
  const std::optional<uint64_t> reason = failure.NumberAttribute("reason");
  end.kind = reason ? KindOfFailure(*reason) : Kind::kRefused;
  end.reason = absl::StrCat("failure ", failure.AttributeOr("reason", "?"));
  if (end.kind == Kind::kOutdated) {
    absl::StrAppend(&end.reason, ": this client version is too old");
  }
  if (reason != 402u) return end;
  // Only this ban ends by itself; `expire` is a duration in seconds.
  const uint64_t expire = failure.NumberAttribute("expire").value_or(0);
  if (expire <= kMaxBanSeconds) end.ban = absl::Seconds(expire);
  if (const std::optional<uint64_t> code = failure.NumberAttribute("code")) {
    absl::StrAppend(&end.reason, " code ", *code);
    const absl::string_view why = BanReason(*code);
    if (!why.empty()) absl::StrAppend(&end.reason, ": ", why);
  }
  return end;
}

Kind KindOfStreamError(uint64_t code) {
  switch (code) {
    case 401:
    case 516:
      return Kind::kLoggedOut;
    case 409:
      return Kind::kReplaced;
    case 429:
      return Kind::kThrottled;
    case 503:
      return Kind::kDropped;
    case 515:
      return Kind::kRestart;
    default:
      return Kind::kProtocolError;
  }
}

Kind KindOfConflict(const Node& conflict, std::optional<uint64_t> code) {
  const std::string type = conflict.AttributeOr("type");
  if (type == "replaced") return Kind::kReplaced;
  // A conflict that does not say more must not cost the keys.
  if (type.empty() && code != 401u) return Kind::kReplaced;
  return Kind::kLoggedOut;  // "device_removed"
}

std::optional<StreamEnd> ParseStreamError(const Node& error) {
  StreamEnd end;
  end.reason = "stream:error";
  const std::optional<std::string> code_text = error.Attribute("code");
  const std::optional<uint64_t> code = error.NumberAttribute("code");
  if (code_text) absl::StrAppend(&end.reason, " ", *code_text);
  if (const Node* conflict = error.FindChild("conflict")) {
    end.kind = KindOfConflict(*conflict, code);
    absl::StrAppend(&end.reason, " conflict ", conflict->AttributeOr("type"));
    return end;
  }
  // The server still waits for an ack; the stream goes on.
  if (!code_text && error.FindChild("ack") != nullptr) return std::nullopt;
  end.kind = code ? KindOfStreamError(*code) : Kind::kProtocolError;
  if (!error.children().empty()) {
    absl::StrAppend(&end.reason, " ", error.children().front().tag);
  }
  return end;
}

}  // namespace

std::optional<StreamEnd> ParseStreamEnd(const Node& stanza) {
  if (stanza.tag == "failure") return ParseFailure(stanza);
  if (stanza.tag == "stream:error") return ParseStreamError(stanza);
  if (stanza.tag == "xmlstreamend") {
    return StreamEnd{Kind::kDropped, "xmlstreamend", absl::ZeroDuration()};
  }
  return std::nullopt;
}

}  // namespace portrait::whatsapp
