#include "core/session/stream_end_effect.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace portrait {
namespace {

using whatsapp::StreamEnd;

std::string ReasonOr(const StreamEnd& end, absl::string_view otherwise) {
  return end.reason.empty() ? std::string(otherwise) : end.reason;
}

}  // namespace

StreamEndEffect EffectOf(const StreamEnd& end, absl::Duration reconnect_wait) {
  constexpr absl::Duration kForHelp = absl::InfiniteDuration();
  switch (end.kind) {
    case StreamEnd::Kind::kDropped:
    case StreamEnd::Kind::kProtocolError:
    case StreamEnd::Kind::kRestart:
      break;
    case StreamEnd::Kind::kThrottled:
      return {v1::SESSION_STATE_THROTTLED,
              ReasonOr(end, "WhatsApp asks for fewer connections"),
              reconnect_wait};
    case StreamEnd::Kind::kReplaced:
      return {v1::SESSION_STATE_PAUSED,
              absl::StrCat("connected elsewhere: ", end.reason), kForHelp};
    case StreamEnd::Kind::kLoggedOut:
      return {v1::SESSION_STATE_LOGGED_OUT,
              ReasonOr(end, "unlinked on the phone"), kForHelp};
    case StreamEnd::Kind::kBanned:
      return {v1::SESSION_STATE_BANNED,
              ReasonOr(end, "WhatsApp refuses the account"),
              end.ban > absl::ZeroDuration() ? end.ban : kForHelp};
    case StreamEnd::Kind::kOutdated:
      return {v1::SESSION_STATE_OUTDATED,
              ReasonOr(end, "WhatsApp refuses this client version"), kForHelp};
    case StreamEnd::Kind::kRefused:
      return {v1::SESSION_STATE_PAUSED,
              absl::StrCat("WhatsApp refused the login: ", end.reason),
              kForHelp};
  }
  return {v1::SESSION_STATE_CONNECTING,
          absl::StrCat("reconnecting: ", ReasonOr(end, "disconnected")),
          reconnect_wait};
}

}  // namespace portrait
