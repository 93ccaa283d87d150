#include "core/whatsapp/stream_end.h"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "core/base/utf8.h"

namespace portrait::whatsapp {
namespace {

using Kind = StreamEnd::Kind;

// A longer ban counts as permanent.
constexpr uint64_t kMaxBanSeconds = std::numeric_limits<uint32_t>::max();

// The maximum sizes of WhatsApp's codes and names in a reason, and of its texts
// for users, in bytes.
constexpr size_t kMaxCodeBytes = 100;
constexpr size_t kMaxMessageBytes = 200;

// The attribute's value in printable form, for a reason.
std::string TextOf(const Node& node, absl::string_view attribute,
                   absl::string_view otherwise = "") {
  return Presentable(node.AttributeOr(attribute, otherwise), kMaxCodeBytes);
}

// The meaning of a temporary ban's `code`.
absl::string_view BanReason(uint64_t code) {
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

// The meaning of each code, and our reaction.
struct Meaning {
  uint64_t code;
  Kind kind;
  absl::string_view text;
};

constexpr Meaning kFailures[] = {
    {400, Kind::kDropped, "the login was not understood"},
    {401, Kind::kLoggedOut, "unlinked from the account"},
    {402, Kind::kBanned, "banned for a time"},
    {403, Kind::kBanned, "the account is locked"},
    {405, Kind::kOutdated, "this client version is too old"},
    {406, Kind::kBanned, "the account is banned"},
    {409, Kind::kRefused, "this kind of client is refused"},
    {413, Kind::kRefused, "an authentication token has expired"},
    {414, Kind::kRefused, "an authentication token is invalid"},
    {415, Kind::kRefused, "not found"},
    {418, Kind::kRefused, "the client is unknown"},
    {500, Kind::kDropped, "the server has an internal error"},
    {501, Kind::kDropped, "experimental"},
    {503, Kind::kDropped, "the server is not available"},
};

constexpr Meaning kStreamErrors[] = {
    {401, Kind::kDropped, "not authorized"},
    {409, Kind::kDropped, "in conflict"},
    {429, Kind::kThrottled, "too many connections"},
    {503, Kind::kDropped, "the server restarts"},
    {515, Kind::kRestart, "restart required"},
    {516, Kind::kLoggedOut, "unlinked from the account"},
};

template <size_t N>
Meaning MeaningOf(std::optional<uint64_t> code, const Meaning (&meanings)[N],
                  Kind otherwise) {
  for (const Meaning& meaning : meanings) {
    if (code == meaning.code) return meaning;
  }
  return {0, otherwise, ""};
}

void AppendTo(std::string& reason, absl::string_view why) {
  if (!why.empty()) absl::StrAppend(&reason, ": ", why);
}

// WhatsApp's message to the user, which it sends only once, so it is part of
// the reason.
std::string MessageIn(const Node& failure) {
  std::vector<std::string> parts;
  for (const char* name :
       {"message", "logout_message_header", "logout_message_subtext", "url"}) {
    std::string part = Presentable(failure.AttributeOr(name), kMaxMessageBytes);
    if (!part.empty()) parts.push_back(std::move(part));
  }
  return absl::StrJoin(parts, ", ");
}

StreamEnd ParseFailure(const Node& failure) {
  StreamEnd end;
  const std::optional<uint64_t> reason = failure.NumberAttribute("reason");
  const Meaning meaning = MeaningOf(reason, kFailures, Kind::kRefused);
  end.kind = meaning.kind;
  end.reason = absl::StrCat("failure ", TextOf(failure, "reason", "?"));
  const std::optional<uint64_t> code = failure.NumberAttribute("code");
  if (code.has_value()) absl::StrAppend(&end.reason, " code ", *code);
  AppendTo(end.reason, meaning.text);
  if (reason == 402u) {
    // This is the only ban that ends without an operator; `expire` is a
    // duration in seconds. For WhatsApp Web, a failure without it is not a ban,
    // either.
    const std::optional<uint64_t> expire = failure.NumberAttribute("expire");
    if (!expire.has_value()) end.kind = Kind::kDropped;
    if (expire <= kMaxBanSeconds) end.ban = absl::Seconds(expire.value_or(0));
    AppendTo(end.reason, BanReason(code.value_or(0)));
  }
  AppendTo(end.reason, MessageIn(failure));
  return end;
}

Kind KindOfConflict(const Node& conflict) {
  const std::string type = conflict.AttributeOr("type");
  if (type == "replaced") return Kind::kReplaced;
  if (type == "device_removed") return Kind::kLoggedOut;
  // The keys are erased only if the server says that the device was removed. If
  // it was removed anyway, the next login fails with 401.
  return Kind::kDropped;
}

StreamEnd ParseStreamError(const Node& error) {
  StreamEnd end;
  end.reason = "stream:error";
  const bool has_code = error.Attribute("code").has_value();
  const std::optional<uint64_t> code = error.NumberAttribute("code");
  if (has_code) absl::StrAppend(&end.reason, " ", TextOf(error, "code"));
  if (const Node* conflict = error.FindChild("conflict")) {
    end.kind = KindOfConflict(*conflict);
    absl::StrAppend(&end.reason, " conflict ", TextOf(*conflict, "type"));
    return end;
  }
  // The server has missed an ack; it sends that stanza again on the next
  // stream.
  const bool misses_ack = !has_code && error.FindChild("ack") != nullptr;
  const Meaning meaning = MeaningOf(
      code, kStreamErrors, misses_ack ? Kind::kDropped : Kind::kProtocolError);
  end.kind = meaning.kind;
  if (!error.children().empty()) {
    absl::StrAppend(&end.reason, " ",
                    Presentable(error.children().front().tag, kMaxCodeBytes));
  }
  AppendTo(end.reason, meaning.text);
  return end;
}

}  // namespace

std::optional<StreamEnd> ParseStreamEnd(const Node& stanza) {
  if (stanza.tag == "failure") return ParseFailure(stanza);
  if (stanza.tag == "stream:error") return ParseStreamError(stanza);
  if (stanza.tag == "xmlstreamend") {
    return StreamEnd{Kind::kDropped, "xmlstreamend", absl::ZeroDuration()};
  }
  if (stanza.tag == "ib" && stanza.FindChild("downgrade_webclient")) {
    return StreamEnd{Kind::kRefused,
                     "downgrade_webclient: the phone's WhatsApp is too old for "
                     "linked devices",
                     absl::ZeroDuration()};
  }
  return std::nullopt;
}

}  // namespace portrait::whatsapp
