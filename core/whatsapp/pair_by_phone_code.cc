// Linking by a code. The steps after <pair-device>, which starts every way of
// linking:
//
//   companion_hello   registers a code: has our ephemeral key, encrypted under
//                     the code that the user is shown
//   primary_hello     a code was entered on a phone: has the phone's ephemeral
//                     key, encrypted in the same way
//   companion_finish  has our identity key, sealed under both ephemeral keys:
//                     only a phone that knows the code can open it
//   pair-success      as with a QR code; the ADV secret is derived from all
//   keys
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/base/status_macros.h"
#include "core/base/steady_time.h"
#include "core/base/telemetry.h"
#include "core/whatsapp/client.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/device_pairing.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/pairing_code.h"
#include "core/whatsapp/queries.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

constexpr char kRegistration[] = "link_code_companion_reg";
constexpr char kRef[] = "link_code_pairing_ref";

// The number of wrong entries that WhatsApp Web allows for one code.
constexpr int kMaxEntries = 3;
// The most codes in one attempt: the server may request a new code several
// times.
constexpr int kMaxCodes = 8;

// The fewest digits of an E.164 number.
constexpr size_t kFewestDigits = 7;
constexpr size_t kMostDigits = 15;

absl::StatusOr<Jid> PhoneJid(absl::string_view phone_number) {
  absl::ConsumePrefix(&phone_number, "+");
  if (phone_number.size() < kFewestDigits ||
      phone_number.size() > kMostDigits || phone_number[0] == '0' ||
      !std::all_of(phone_number.begin(), phone_number.end(),
                   absl::ascii_isdigit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("pairing: not a possible phone number: expected '+', the "
                     "country code and the number, ",
                     kFewestDigits, " to ", kMostDigits, " digits"));
  }
  return PhoneNumberJid(phone_number);
}

std::string ChildData(const Node& node, absl::string_view tag) {
  const Node* const child = node.FindChild(tag);
  return child == nullptr ? "" : child->Data();
}

Node BytesNode(absl::string_view tag, std::string data) {
  return MakeNode(tag, {}, Node::Bytes{std::move(data)});
}

Node MakeRequest(Node registration) {
  return MakeNode("iq",
                  {{"to", ServerJid()},
                   {"type", std::string("set")},
                   {"xmlns", std::string("md")}},
                  Node::Children{std::move(registration)});
}

int ErrorCodeOf(const Node& answer) {
  const Node* const error = answer.FindChild("error");
  return error == nullptr ? 0 : ParseProtocolError(*error).code;
}

std::string AdviceFor(int error_code, absl::Duration backoff) {
  switch (error_code) {
    case 400:
      return "; either the number has no WhatsApp account, or codes for it "
             "were requested too often: check the number, retry in an hour, or "
             "scan a QR code";
    case 403:
      return "; this account may not be linked to a device";
    case 419:
    case 429:
      return absl::StrCat(
          "; too many codes were requested: try again ",
          backoff > absl::ZeroDuration()
              ? absl::StrCat("in ", absl::FormatDuration(backoff))
              : "later");
    case 452:
      return "; this account can be linked by QR code only";
    default:
      return "";
  }
}

// The error in an answer; OK if it has none.
absl::Status RefusalIn(const Node& answer) {
  const absl::Status error = IqError(answer);
  if (error.ok()) return error;
  const absl::Duration backoff = BackoffOf(error);
  return WithBackoff(
      absl::Status(error.code(),
                   absl::StrCat("pairing by code: ", error.message(),
                                AdviceFor(ErrorCodeOf(answer), backoff))),
      backoff);
}

// See DevicePairing for threads and lifetime.
class CodePairing : public DevicePairing {
 public:
  CodePairing(asio::any_io_executor strand, ConnectionOptions options,
              Jid phone)
      : DevicePairing(std::move(strand), std::move(options)),
        phone_(std::move(phone)) {}

 private:
  // Secret.
  struct Code {
    std::string text;   // eight characters
    KeyPair ephemeral;  // ours
    std::string ref;    // the server's id of the code
    int entries = 0;    // number of times that a phone used this ref
    bool shown = false;
  };

  void OnPairDevice(const Node& pair_device) override;
  void OnNotification(const Node& notification) override;
  absl::Time Show(PairingEvents* events) override;
  std::optional<absl::Status> TimeIsUp(bool hung_up) const override;

  std::shared_ptr<CodePairing> Self() {
    return std::static_pointer_cast<CodePairing>(shared_from_this());
  }

  void RequestCode();
  static asio::awaitable<void> AskForCode(std::shared_ptr<CodePairing> self);
  Node CompanionHello(const Code& code) const;

  void OnPrimaryHello(const Node& hello);
  static asio::awaitable<void> Finish(std::shared_ptr<CodePairing> self,
                                      Node request, std::string ref, int entry);
  absl::StatusOr<Node> CompanionFinish(const Node& hello);
  void OnWrongCode();

  const Jid phone_;
  int codes_requested_ = 0;
  // A SteadyNow time. A replacement code is valid no longer than the first
  // code.
  absl::Time codes_end_ = absl::InfiniteFuture();
  std::optional<Code> code_;
  // The time until which a phone that was given a code must confirm it.
  std::optional<absl::Time> confirm_due_;
};

// ---- requesting a code -----------------------------------------------------

void CodePairing::OnPairDevice(const Node& /*pair_device*/) {
  if (codes_requested_ > 0) return;
  codes_end_ = SteadyNow() + options().pairing_code_life;
  RequestCode();
}

void CodePairing::RequestCode() {
  code_.reset();
  confirm_due_.reset();
  if (++codes_requested_ > kMaxCodes) {
    return Fail(absl::ResourceExhaustedError(
        absl::StrCat("pairing by code: WhatsApp had ", kMaxCodes,
                     " codes replaced; start again")));
  }
  asio::co_spawn(strand(), AskForCode(Self()), asio::detached);
}

Node CodePairing::CompanionHello(const Code& code) const {
  const DeviceAppearance& appearance = device().appearance;
  Node hello = MakeNode(
      kRegistration, {{"jid", phone_},
                      {"stage", std::string("companion_hello")},
                      {"should_show_push_notification", std::string("true")}});
  hello.AddChild(BytesNode(
      "link_code_pairing_wrapped_companion_ephemeral_pub",
      WrapKey(code.text, RandomBytes(kLinkCodeSaltBytes),
              RandomBytes(kLinkCodeIvBytes), code.ephemeral.public_key)));
  hello.AddChild(BytesNode("companion_server_auth_key_pub",
                           device().noise_key.public_key));
  hello.AddChild(MakeNode("companion_platform_id", {},
                          std::string(1, PairingClientType(appearance))));
  // WhatsApp answers 400 unless the browser and the system are known ones.
  hello.AddChild(
      MakeNode("companion_platform_display", {},
               absl::StrCat(appearance.browser, " (", appearance.os, ")")));
  hello.AddChild(BytesNode("link_code_pairing_nonce", std::string(1, '\0')));
  return MakeRequest(std::move(hello));
}

asio::awaitable<void> CodePairing::AskForCode(
    std::shared_ptr<CodePairing> self) {
  Code code;
  code.text = LinkCode(RandomBytes(kLinkCodeBytes));
  code.ephemeral = MakeKeyPair();
  Node request = self->CompanionHello(code);
  const absl::StatusOr<Node> answer = co_await self->connection().Request(
      std::move(request), self->options().request_timeout);
  // If the stream has ended, that end is the error.
  if (self->connection().end().has_value()) co_return;
  if (!answer.ok()) {
    self->Fail(absl::Status(answer.status().code(),
                            absl::StrCat("pairing: requesting a code: ",
                                         answer.status().message())));
    co_return;
  }
  if (absl::Status refusal = RefusalIn(*answer); !refusal.ok()) {
    self->Fail(std::move(refusal));
    co_return;
  }
  const Node* const registration = answer->FindChild(kRegistration);
  if (registration != nullptr) code.ref = ChildData(*registration, kRef);
  if (code.ref.empty()) {
    self->Fail(absl::UnavailableError(
        "pairing: requesting a code: the answer has no ref"));
    co_return;
  }
  self->code_ = std::move(code);
  self->Changed();
}

absl::Time CodePairing::Show(PairingEvents* events) {
  if (code_.has_value() && !code_->shown) {
    code_->shown = true;
    events->OnPairingCode(ShownLinkCode(code_->text),
                          options().clock() + (codes_end_ - SteadyNow()));
  }
  return confirm_due_.value_or(codes_end_);
}

std::optional<absl::Status> CodePairing::TimeIsUp(bool hung_up) const {
  const absl::Time now = SteadyNow();
  // The server started its clock before us, so it may end the stream first.
  const bool codes_over =
      now >= codes_end_ || (hung_up && now >= codes_end_ - kNextQrCodeLife);
  if (confirm_due_.has_value()) {
    if (now < *confirm_due_ && !(hung_up && codes_over)) return std::nullopt;
    return absl::DeadlineExceededError(
        "pairing: a code was entered, but the phone did not confirm it: it was "
        "mistyped, or the phone refused");
  }
  if (!codes_over) return std::nullopt;
  return absl::DeadlineExceededError(absl::StrCat(
      "pairing: ",
      code_.has_value() && code_->entries > 0
          ? "a wrong code was entered on the phone, and no further one"
          : "the code was not entered on the phone",
      " within ", absl::FormatDuration(options().pairing_code_life)));
}

// ---- a code was entered on a phone -----------------------------------------

void CodePairing::OnNotification(const Node& notification) {
  // companion_reg_refresh invalidates the ADV secret of QR codes. Here a new
  // secret is made for each entered code, so the notification can be ignored.
  if (notification.AttributeOr("type") != kRegistration) return;
  const Node* const body = notification.FindChild(kRegistration);
  // Another ref belongs to a code that was replaced.
  if (body == nullptr || !code_.has_value() ||
      ChildData(*body, kRef) != code_->ref) {
    return;
  }
  const std::string stage = body->AttributeOr("stage");
  if (stage == "primary_hello") OnPrimaryHello(*body);
  if (stage != "refresh_code") return;
  if (body->AttributeOr("force_manual_refresh") == "true") {
    return Fail(absl::AbortedError(
        "pairing: WhatsApp withdrew the code; start again for a new one"));
  }
  RequestCode();
}

void CodePairing::OnPrimaryHello(const Node& hello) {
  if (code_->entries == kMaxEntries) return OnWrongCode();
  ++code_->entries;
  confirm_due_ = SteadyNow() + options().pairing_confirm_timeout;
  absl::StatusOr<Node> request = CompanionFinish(hello);
  // No keys can be derived from these values.
  if (!request.ok()) return OnWrongCode();
  asio::co_spawn(
      strand(), Finish(Self(), *std::move(request), code_->ref, code_->entries),
      asio::detached);
}

absl::StatusOr<Node> CodePairing::CompanionFinish(const Node& hello) {
  // 1. The secret that both sides share if the code was entered correctly.
  ASSIGN_OR_RETURN(
      const std::string primary_ephemeral,
      UnwrapKey(
          code_->text,
          ChildData(hello, "link_code_pairing_wrapped_primary_ephemeral_pub")));
  ASSIGN_OR_RETURN(const Secret ephemeral_secret,
                   X25519(code_->ephemeral.private_key, primary_ephemeral));
  const KeyPair& identity = device().identity_key;
  const std::string primary_identity = ChildData(hello, "primary_identity_pub");
  ASSIGN_OR_RETURN(const Secret identity_secret,
                   X25519(identity.private_key, primary_identity));
  // 2. The bundle that only such a phone can decrypt and sign.
  const KeyBundle bundle{identity.public_key, primary_identity,
                         RandomBytes(kKeyBytes)};
  SetAdvSecret(
      LinkCodeAdvSecret(ephemeral_secret, identity_secret, bundle.adv_random));
  Node finish =
      MakeNode(kRegistration,
               {{"jid", phone_}, {"stage", std::string("companion_finish")}});
  finish.AddChild(
      BytesNode("link_code_pairing_wrapped_key_bundle",
                SealKeyBundle(ephemeral_secret, RandomBytes(kLinkCodeSaltBytes),
                              RandomBytes(kGcmNonceBytes), bundle)));
  finish.AddChild(BytesNode("companion_identity_public", identity.public_key));
  finish.AddChild(BytesNode(kRef, code_->ref));
  return MakeRequest(std::move(finish));
}

asio::awaitable<void> CodePairing::Finish(std::shared_ptr<CodePairing> self,
                                          Node request, std::string ref,
                                          int entry) {
  const absl::StatusOr<Node> answer = co_await self->connection().Request(
      std::move(request), self->options().request_timeout);
  // If there is no answer, the phone's confirmation is still awaited.
  if (!answer.ok()) co_return;
  // The user may have entered the code again meanwhile.
  const std::optional<Code>& code = self->code_;
  if (!code.has_value() || code->ref != ref || code->entries != entry) {
    co_return;
  }
  absl::Status refusal = RefusalIn(*answer);
  if (refusal.ok()) co_return;
  if (ErrorCodeOf(*answer) == 400) {
    self->OnWrongCode();
  } else {
    self->Fail(std::move(refusal));
  }
}

void CodePairing::OnWrongCode() {
  confirm_due_.reset();
  LogInfo("pairing: a wrong code was entered, {} of {} times", code_->entries,
          kMaxEntries);
  if (code_->entries == kMaxEntries) {
    return Fail(absl::UnauthenticatedError(
        absl::StrCat("pairing: a wrong code was entered on the phone ",
                     kMaxEntries, " times; start again for a new one")));
  }
  Changed();
}

}  // namespace

asio::awaitable<absl::StatusOr<Device>> PairByPhoneCode(
    asio::any_io_executor strand, ConnectionOptions options,
    std::string phone_number, PairingEvents* events) {
  absl::StatusOr<Jid> phone = PhoneJid(phone_number);
  if (!phone.ok()) co_return phone.status();
  std::shared_ptr<DevicePairing> pairing = std::make_shared<CodePairing>(
      strand, std::move(options), *std::move(phone));
  absl::StatusOr<Device> device =
      co_await DevicePairing::Run(std::move(pairing), events);
  co_return device;
}

}  // namespace portrait::whatsapp
