#include "tests/whatsapp_sim/control/control.h"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "core/base/status_macros.h"
#include "tests/whatsapp_sim/directory/pictures.h"
#include "tests/whatsapp_sim/directory/token_office.h"
#include "tests/whatsapp_sim/protocol/news.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/session.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;

// A phone shows "logging in" for about this time.
constexpr absl::Duration kPairingPatience = absl::Seconds(20);
constexpr absl::string_view kOldQrCode =
    "QR code: four fields, phones refuse that form";

// An account; or a group or channel.
using Subject = std::variant<Account, Jid>;

absl::StatusOr<Subject> FindSubject(const Directory& directory,
                                    absl::string_view text) {
  if (absl::EndsWith(text, "@g.us") || absl::EndsWith(text, "@newsletter")) {
    ASSIGN_OR_RETURN(Jid jid, whatsapp::ParseJid(text));
    return jid;
  }
  if (absl::EndsWith(text, "@lid")) {
    ASSIGN_OR_RETURN(const Jid lid, whatsapp::ParseJid(text));
    std::optional<Account> account = directory.FindByJid(lid);
    if (account.has_value()) return *std::move(account);
    return absl::InvalidArgumentError("phone_number is nobody's LID");
  }
  ASSIGN_OR_RETURN(const uint64_t number, Control::ParsePhone(text));
  return directory.FindAccount(number);
}

// The account's `phone_number` is set to the caller's spelling, normalized.
v1::Account ToProto(const Directory& directory, const Subject& subject,
                    absl::string_view phone_number) {
  v1::Account proto;
  if (const Jid* jid = std::get_if<Jid>(&subject)) {
    proto.set_phone_number(jid->ToString());
    if (jid->IsGroup()) {
      const Picture picture = directory.FindGroupPicture(*jid);
      proto.set_registered(true);
      proto.set_picture_id(picture.id);
      proto.set_picture_hidden(picture.hidden);
      proto.set_is_community(picture.community);
    } else {
      const Channel channel = directory.FindChannel(*jid);
      proto.set_registered(channel.exists);
      proto.set_verified_name(channel.name);
      proto.set_picture_id(channel.picture.id);
    }
    return proto;
  }
  const Account& account = std::get<Account>(subject);
  const std::optional<uint64_t> typed = Directory::ParseNumber(phone_number);
  proto.set_phone_number(
      absl::StrCat("+", typed.has_value() ? *typed : account.number));
  proto.set_registered(account.registered);
  if (!account.registered) return proto;
  proto.set_lid(account.lid_jid().ToString());
  proto.set_is_business(account.is_business);
  proto.set_verified_name(account.verified_name);
  proto.set_picture_id(account.picture.id);
  proto.set_picture_hidden(account.picture.hidden);
  proto.set_picture_needs_token(account.picture.needs_token);
  return proto;
}

absl::StatusOr<Picture> ParsePicture(const v1::Account& proto) {
  uint64_t id = 0;
  if (!proto.picture_id().empty() &&
      !absl::SimpleAtoi(proto.picture_id(), &id)) {
    return absl::InvalidArgumentError(
        "account.picture_id is not decimal; expected e.g. 1763716800");
  }
  return Picture{proto.picture_id(), proto.picture_hidden(),
                 proto.picture_needs_token(), proto.is_community()};
}

absl::StatusOr<Account> ParseAccount(const v1::Account& proto,
                                     uint64_t number) {
  Account account;
  account.number = number;
  account.registered = proto.registered();
  account.is_business = proto.is_business();
  account.verified_name = proto.verified_name();
  ASSIGN_OR_RETURN(account.picture, ParsePicture(proto));
  if (proto.lid().empty()) return account;
  const std::optional<uint64_t> lid = Directory::ParseNumber(
      absl::string_view(proto.lid()).substr(0, proto.lid().find('@')));
  if (!lid.has_value()) {
    return absl::InvalidArgumentError(
        "account.lid is no LID; expected e.g. 100875997589545@lid");
  }
  account.lid = *lid;
  return account;
}

}  // namespace

absl::StatusOr<uint64_t> Control::ParsePhone(absl::string_view text) {
  const std::optional<uint64_t> number = Directory::ParseNumber(text);
  if (number.has_value()) return Directory::RegisteredSpelling(*number);
  return absl::InvalidArgumentError(
      "phone_number is no phone number; expected e.g. +15551230001");
}

absl::StatusOr<std::string> Control::Pair(
    std::shared_ptr<Session> session,
    const std::function<void(Session&, PairingDone)>& act) {
  // Shared with the session, which may answer after the timeout.
  struct Outcome {
    absl::StatusOr<Jid> jid;
    absl::Notification told;
  };
  auto outcome = std::make_shared<Outcome>();
  act(*session, [outcome](absl::StatusOr<Jid> jid) {
    outcome->jid = std::move(jid);
    outcome->told.Notify();
  });
  session.reset();
  if (!outcome->told.WaitForNotificationWithTimeout(kPairingPatience)) {
    return absl::DeadlineExceededError(
        absl::StrCat("pairing: the client did not answer within ",
                     absl::FormatDuration(kPairingPatience)));
  }
  ASSIGN_OR_RETURN(const Jid jid, outcome->jid);
  return jid.ToString();
}

absl::Status Control::Refused(const absl::Status& broken) {
  network_.protocol_errors.Report("phone", broken);
  return absl::InvalidArgumentError(broken.message());
}

absl::StatusOr<std::string> Control::ScanQrCode(
    absl::string_view qr_text, absl::string_view phone_number) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
  ASSIGN_OR_RETURN(const whatsapp::QrCode code, whatsapp::ParseQrCode(qr_text));
  if (code.client_type.empty()) {
    return Refused(Broken(Rule::kQrCodeFields, kOldQrCode));
  }
  if (code.client_type == "0") {
    return Refused(
        Broken(Rule::kQrClientType, "QR code: client type 0 is refused"));
  }
  std::shared_ptr<Session> session = network_.pairing_desk.FindByRef(code.ref);
  if (session == nullptr) {
    return absl::FailedPreconditionError("no client shows this QR code");
  }
  return Pair(std::move(session), [&](Session& shown, PairingDone done) {
    shown.Scan(code, number, std::move(done));
  });
}

absl::StatusOr<std::string> Control::EnterPairingCode(
    absl::string_view code, absl::string_view phone_number) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
  std::shared_ptr<Session> session = network_.pairing_desk.FindByCode(number);
  if (session == nullptr) {
    return absl::FailedPreconditionError(
        "no client waits for a code of this number");
  }
  return Pair(std::move(session), [&](Session& shown, PairingDone done) {
    shown.EnterCode(std::string(code), number, std::move(done));
  });
}

absl::StatusOr<v1::Account> Control::SetAccount(const v1::Account& account,
                                                bool notify) {
  ASSIGN_OR_RETURN(const Subject subject,
                   FindSubject(network_.directory, account.phone_number()));
  if (const Jid* jid = std::get_if<Jid>(&subject)) {
    ASSIGN_OR_RETURN(const Picture picture, ParsePicture(account));
    if (jid->IsGroup()) {
      ChangeGroupPicture(network_, *jid, picture, notify);
      RETURN_IF_ERROR(journal_.AppendGroup(*jid, picture));
    } else {
      const Channel channel{account.registered(), account.verified_name(),
                            picture};
      network_.directory.OverrideChannel(*jid, channel);
      RETURN_IF_ERROR(journal_.AppendChannel(*jid, channel));
    }
  } else {
    const uint64_t number = std::get<Account>(subject).number;
    ASSIGN_OR_RETURN(const Account changed, ParseAccount(account, number));
    RETURN_IF_ERROR(ChangeAccount(network_, changed, notify));
    RETURN_IF_ERROR(journal_.Append(network_.directory.FindAccount(number)));
  }
  return GetAccount(account.phone_number());
}

absl::StatusOr<v1::Account> Control::GetAccount(
    absl::string_view phone_number) const {
  ASSIGN_OR_RETURN(const Subject subject,
                   FindSubject(network_.directory, phone_number));
  return ToProto(network_.directory, subject, phone_number);
}

absl::StatusOr<v1::Account> Control::ChangeNumber(
    absl::string_view phone_number, absl::string_view new_phone_number,
    bool notify) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
  ASSIGN_OR_RETURN(const uint64_t new_number, ParsePhone(new_phone_number));
  if (number == new_number) {
    return absl::InvalidArgumentError("new_phone_number is the old one");
  }
  Directory& directory = network_.directory;
  RETURN_IF_ERROR(sim::ChangeNumber(network_, directory.FindAccount(number),
                                    new_number, notify));
  for (const uint64_t each : {number, new_number}) {
    RETURN_IF_ERROR(journal_.Append(directory.FindAccount(each)));
  }
  return GetAccount(new_phone_number);
}

absl::Status Control::GivePrivacyToken(absl::string_view phone_number,
                                       absl::string_view to_phone_number,
                                       absl::Duration age) {
  ASSIGN_OR_RETURN(const uint64_t owner, ParsePhone(phone_number));
  ASSIGN_OR_RETURN(const uint64_t holder, ParsePhone(to_phone_number));
  const Directory& directory = network_.directory;
  GiveToken(network_, directory.FindAccount(owner),
            directory.FindAccount(holder), network_.clock() - age);
  return absl::OkStatus();
}

absl::Status Control::TellOfContact(absl::string_view phone_number,
                                    absl::string_view form) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
  return TellInForm(network_, network_.directory.FindAccount(number), form);
}

absl::Status Control::SetFaults(const v1::SetFaultsRequest& faults) {
  ASSIGN_OR_RETURN(const Faults parsed, ParseFaults(faults));
  network_.faults.Set(parsed);
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> Control::Disconnect(absl::string_view phone_number,
                                             absl::string_view stream_error) {
  std::optional<whatsapp::Node> last;
  if (!stream_error.empty()) {
    last = StreamError(stream_error);
    if (!last.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "stream_error '", stream_error,
          "' is none; expected a code such as 503, conflict, device_removed or "
          "xml-not-well-formed"));
    }
  }
  std::vector<std::shared_ptr<Session>> sessions;
  if (phone_number.empty()) {
    sessions = network_.sessions.FindAll();
  } else {
    ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
    for (const auto& companion : network_.companions->FindAllOf(number)) {
      std::shared_ptr<Session> session = companion->session();
      if (session != nullptr) sessions.push_back(std::move(session));
    }
  }
  for (const auto& session : sessions) session->EndStream(last);
  return static_cast<uint32_t>(sessions.size());
}

absl::Status Control::UnlinkDevice(absl::string_view phone_number) {
  ASSIGN_OR_RETURN(const uint64_t number, ParsePhone(phone_number));
  for (const auto& companion : network_.companions->FindAllOf(number)) {
    network_.companions->Unlink(*companion);
    const std::shared_ptr<Session> session = companion->session();
    if (session != nullptr) session->EndStream(StreamError("device_removed"));
  }
  return absl::OkStatus();
}

void Control::RotateServerKey() {
  network_.noise_identity.Rotate(network_.clock());
}

v1::GetStatsResponse Control::GetStats() const {
  const Stats& stats = network_.stats;
  v1::GetStatsResponse response;
  response.set_connections(static_cast<uint32_t>(network_.sessions.size()));
  response.set_logins(stats.logins);
  response.set_pairings(stats.pairings);
  response.set_usync_queries(stats.usync_queries);
  response.set_usync_users(stats.usync_users);
  response.set_picture_queries(stats.picture_queries);
  response.set_rate_limited(stats.rate_limited);
  response.set_protocol_errors(network_.protocol_errors.count());
  response.set_images_served(stats.images_served);
  response.set_noticeable_stanzas(stats.noticeable_stanzas);
  uint64_t unacknowledged = 0, dirty = 0;
  for (const auto& companion : network_.companions->FindAll()) {
    unacknowledged += companion->unacknowledged();
    dirty += companion->dirty_bits();
  }
  response.set_unacknowledged_stanzas(unacknowledged);
  response.set_dirty_bits(dirty);
  response.set_unregistered_picture_queries(stats.unregistered_picture_queries);
  response.set_full_handshakes(stats.full_handshakes);
  response.set_resumed_handshakes(stats.resumed_handshakes);
  response.set_fallback_handshakes(stats.fallback_handshakes);
  response.set_group_queries(stats.group_queries);
  response.set_replaced_logins(stats.replaced_logins);
  response.set_channel_queries(stats.channel_queries);
  return response;
}

}  // namespace portrait::sim
