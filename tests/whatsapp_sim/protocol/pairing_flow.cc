#include "tests/whatsapp_sim/protocol/pairing_flow.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/pairing_code.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::sim {
namespace {

using whatsapp::Jid;
using whatsapp::MakeNode;
using whatsapp::Node;

constexpr int kRefs = 6;
constexpr size_t kRefRandomBytes = 60;
// A phone may scan a code in its last moment, so it is accepted this much
// longer.
constexpr absl::Duration kRefGrace = absl::Seconds(5);

std::string MakeRef() {
  // WhatsApp's refs start with "2@"; they have no comma, which separates fields
  // of the QR code.
  return absl::StrCat("2@", absl::Base64Escape(RandomBytes(kRefRandomBytes)));
}

std::string MakeId() { return absl::StrCat(RandomBelow(1u << 31)); }

constexpr absl::string_view kSystems[] = {
    "Android", "Chrome OS", "Chromium OS", "Debian", "Fedora", "iOS",
    "Linux",   "Mac OS",    "macOS",       "Ubuntu", "Windows"};

// "Chrome (Ubuntu)": WhatsApp refuses a text whose system it does not know.
bool IsBrowserAndSystem(absl::string_view display) {
  const size_t open = display.find(" (");
  if (open == 0 || open == absl::string_view::npos ||
      !absl::ConsumeSuffix(&display, ")")) {
    return false;
  }
  const absl::string_view system = display.substr(open + 2);
  return std::find(std::begin(kSystems), std::end(kSystems), system) !=
         std::end(kSystems);
}

Node PairSuccess(const Account& account, uint32_t device, const std::string& id,
                 const whatsapp::DeviceIdentity& identity, absl::Time now) {
  Jid jid = account.pn_jid();
  Jid lid = account.lid_jid();
  jid.device = lid.device = static_cast<uint16_t>(device);
  whatsapp::proto::ClientPairingProps props;
  props.set_is_chat_db_lid_migrated(true);
  Node success = MakeNode(
      "pair-success", {},
      Node::Children{
          MakeNode("device-identity", {}, Node::Bytes{identity.container}),
          MakeNode("device", {{"jid", jid}, {"lid", lid}})});
  if (account.is_business) {
    success.AddChild(MakeNode("biz", {{"name", account.verified_name}}));
  }
  success.AddChild(MakeNode("platform", {{"name", std::string("android")}}));
  success.AddChild(
      MakeNode("client-props", {}, Node::Bytes{props.SerializeAsString()}));
  return MakeNode("iq",
                  {{"from", whatsapp::ServerJid()},
                   {"type", std::string("set")},
                   {"id", id},
                   {"t", absl::StrCat(absl::ToUnixSeconds(now))},
                   {"xmlns", std::string("md")}},
                  Node::Children{std::move(success)});
}

}  // namespace

PairingFlow::PairingFlow(Network& network, state::StoredCompanion registration,
                         std::weak_ptr<Session> session, Sender send)
    : network_(network),
      registration_(std::move(registration)),
      session_(std::move(session)),
      send_(std::move(send)),
      pair_device_id_(MakeId()) {}

PairingFlow::~PairingFlow() { Abandon(); }

void PairingFlow::Start() {
  Node pair_device = MakeNode("pair-device");
  absl::Time expires_at = network_.clock() + kRefGrace;
  for (int i = 0; i < kRefs; ++i) {
    expires_at +=
        i == 0 ? whatsapp::kFirstQrCodeLife : whatsapp::kNextQrCodeLife;
    refs_.push_back({MakeRef(), expires_at});
    network_.pairing_desk.AddRef(refs_.back().text, session_);
    pair_device.AddChild(MakeNode("ref", {}, Node::Bytes{refs_.back().text}));
  }
  send_(MakeNode("iq",
                 {{"from", whatsapp::ServerJid()},
                  {"type", std::string("set")},
                  {"id", pair_device_id_},
                  {"xmlns", std::string("md")}},
                 Node::Children{std::move(pair_device)}));
}

absl::Status PairingFlow::CheckScan(const whatsapp::QrCode& code) const {
  if (done_ != nullptr) {
    return absl::FailedPreconditionError("another phone is linking this one");
  }
  const auto ref =
      std::find_if(refs_.begin(), refs_.end(),
                   [&](const Ref& known) { return known.text == code.ref; });
  if (ref == refs_.end() || ref->expires_at < network_.clock()) {
    return absl::FailedPreconditionError("the QR code has expired");
  }
  if (code.noise_public_key != registration_.noise_key() ||
      code.identity_public_key != registration_.identity_key()) {
    return absl::InvalidArgumentError(
        "the QR code's keys are not those the client registered with");
  }
  return absl::OkStatus();
}

void PairingFlow::Scan(const whatsapp::QrCode& code, uint64_t number,
                       PairingDone done) {
  absl::Status status = CheckScan(code);
  if (!status.ok()) return done(std::move(status));
  done_ = std::move(done);
  refs_.erase(std::find_if(refs_.begin(), refs_.end(), [&](const Ref& known) {
    return known.text == code.ref;
  }));
  network_.pairing_desk.RemoveRef(code.ref);
  status = Vouch(number, code.adv_secret);
  if (!status.ok()) Tell(std::move(status));
}

absl::Status PairingFlow::Vouch(uint64_t number, absl::string_view adv_secret) {
  Account account = network_.directory.FindAccount(number);
  if (!account.registered) {
    account.registered = true;
    RETURN_IF_ERROR(network_.directory.Override(account));
  }
  ASSIGN_OR_RETURN(const uint32_t device,
                   network_.companions->AllotDevice(number));
  registration_.set_number(number);
  registration_.set_device(device);
  registration_.set_key_index(device);
  whatsapp::DeviceIdentityOptions options;
  options.raw_id = static_cast<uint32_t>(network_.directory.SubjectOf(number));
  options.timestamp = network_.clock();
  options.key_index = device;
  vouched_ = Vouched{number, MakeId(),
                     whatsapp::SignDeviceIdentity(
                         network_.keys.PhoneIdentity(number),
                         registration_.identity_key(), adv_secret, options)};
  send_(PairSuccess(account, device, vouched_->iq_id, vouched_->identity,
                    network_.clock()));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<Companion>> PairingFlow::OnAnswer(
    const Node& iq) {
  if (iq.Attribute("id") == pair_device_id_) pair_device_answered_ = true;
  if (!vouched_.has_value() || iq.Attribute("id") != vouched_->iq_id) {
    return nullptr;
  }
  absl::Status status;
  if (!pair_device_answered_) {
    status = absl::FailedPreconditionError("pair-device was not answered");
    Tell(status);
    return Broken(Rule::kPairDevice, status.message());
  }
  if (iq.AttributeOr("type") == "error") {
    const Node* error = iq.FindChild("error");
    const std::string why =
        error == nullptr ? "no reason given" : error->AttributeOr("text");
    status = absl::AbortedError(absl::StrCat("the companion refuses: ", why));
    // A client may refuse with internal-error for reasons of its own; any other
    // refusal means that it rejected a valid proof.
    if (why == "internal-error") {
      vouched_.reset();
      Tell(status);
      return nullptr;
    }
  } else {
    status = whatsapp::VerifyPairDeviceSign(iq, vouched_->identity,
                                            registration_.identity_key());
  }
  if (!status.ok()) {
    Tell(status);
    return Broken(Rule::kPairDeviceSign, status.message());
  }
  absl::StatusOr<std::shared_ptr<Companion>> linked =
      network_.companions->Link(registration_);
  if (linked.ok()) {
    ++network_.stats.pairings;
    for (const char* type : {"account_sync", "groups"}) {
      (*linked)->SetDirty(type, network_.clock());
    }
  }
  Tell(linked.ok() ? absl::StatusOr<Jid>((*linked)->jid()) : linked.status());
  return linked;
}

void PairingFlow::Abandon() {
  for (const Ref& ref : refs_) network_.pairing_desk.RemoveRef(ref.text);
  Tell(absl::UnavailableError("the client went away"));
}

void PairingFlow::Tell(absl::StatusOr<Jid> outcome) {
  if (done_ == nullptr) return;
  std::exchange(done_, nullptr)(std::move(outcome));
}

// ---- pairing by code --------------------------------------------------------

absl::Status PairingFlow::OnRequest(const Node& iq) {
  const Node* request = iq.FindChild("link_code_companion_reg");
  absl::Status status =
      Broken(Rule::kMdRequest, "neither companion_hello nor _finish");
  const std::string stage =
      request == nullptr ? "" : request->AttributeOr("stage");
  if (stage == "companion_hello") status = OnCodeHello(iq, *request);
  if (stage == "companion_finish") status = OnCodeFinish(iq, *request);
  if (!status.ok()) send_(ErrorOf(iq, 400));
  return status;
}

absl::Status PairingFlow::OnCodeHello(const Node& iq, const Node& request) {
  const std::optional<Jid> jid = request.JidAttribute("jid");
  const std::optional<uint64_t> number = jid.has_value() && jid->IsPhoneNumber()
                                             ? Directory::ParseNumber(jid->user)
                                             : std::nullopt;
  if (!number.has_value()) {
    return Broken(Rule::kPairingCode, "jid is no phone number");
  }
  CodeHello hello{
      Directory::RegisteredSpelling(*number), MakeRef(),
      ChildData(request, "link_code_pairing_wrapped_companion_ephemeral_pub")};
  if (hello.wrapped_key.size() != whatsapp::kWrappedKeyBytes ||
      ChildData(request, "companion_server_auth_key_pub") !=
          registration_.noise_key()) {
    return Broken(Rule::kPairingCode,
                  "the wrapped key is not 80 bytes or the auth key not that of "
                  "the handshake");
  }
  if (ChildData(request, "companion_platform_id").empty() ||
      !IsBrowserAndSystem(ChildData(request, "companion_platform_display"))) {
    return Broken(Rule::kPairingCode,
                  "the platform does not read as 'Browser (OS)'");
  }
  hello_ = hello;
  network_.pairing_desk.AddCode(hello.number, session_);
  send_(ResultOf(iq, Node::Children{MakeNode(
                         "link_code_companion_reg",
                         {{"stage", std::string("companion_hello")}},
                         Node::Children{MakeNode("link_code_pairing_ref", {},
                                                 Node::Bytes{hello.ref})})}));
  return absl::OkStatus();
}

void PairingFlow::EnterCode(absl::string_view code, uint64_t number,
                            PairingDone done) {
  if (done_ != nullptr || !hello_.has_value() || hello_->number != number) {
    return done(absl::FailedPreconditionError(
        "no client waits for a code of this number"));
  }
  const std::string typed =
      absl::AsciiStrToUpper(absl::StrReplaceAll(code, {{"-", ""}, {" ", ""}}));
  absl::StatusOr<std::string> companion_ephemeral =
      whatsapp::UnwrapKey(typed, hello_->wrapped_key);
  if (!companion_ephemeral.ok()) return done(companion_ephemeral.status());
  done_ = std::move(done);
  phone_ = CodePhone{whatsapp::MakeKeyPair(), *std::move(companion_ephemeral)};
  const std::string wrapped = whatsapp::WrapKey(
      typed, RandomBytes(whatsapp::kLinkCodeSaltBytes),
      RandomBytes(whatsapp::kLinkCodeIvBytes), phone_->ephemeral.public_key);
  const auto bytes = [](absl::string_view tag, const std::string& data) {
    return MakeNode(tag, {}, Node::Bytes{data});
  };
  send_(MakeNode(
      "notification",
      {{"from", whatsapp::ServerJid()},
       {"type", std::string("link_code_companion_reg")},
       {"id", MakeId()},
       {"t", absl::StrCat(absl::ToUnixSeconds(network_.clock()))}},
      Node::Children{MakeNode(
          "link_code_companion_reg", {{"stage", std::string("primary_hello")}},
          Node::Children{
              bytes("link_code_pairing_wrapped_primary_ephemeral_pub", wrapped),
              bytes("primary_identity_pub",
                    network_.keys.PhoneIdentity(number).public_key),
              bytes("link_code_pairing_ref", hello_->ref)})}));
}

// Returns the ADV secret if the code was right.
absl::StatusOr<std::string> PairingFlow::OpenBundle(const Node& request) const {
  const whatsapp::KeyPair identity =
      network_.keys.PhoneIdentity(hello_->number);
  ASSIGN_OR_RETURN(const std::string ephemeral_secret,
                   whatsapp::X25519(phone_->ephemeral.private_key,
                                    phone_->companion_ephemeral));
  ASSIGN_OR_RETURN(
      const whatsapp::KeyBundle bundle,
      whatsapp::OpenKeyBundle(
          ephemeral_secret,
          ChildData(request, "link_code_pairing_wrapped_key_bundle")));
  if (bundle.companion_identity != registration_.identity_key() ||
      bundle.primary_identity != identity.public_key) {
    return absl::InvalidArgumentError("the key bundle has other identities");
  }
  ASSIGN_OR_RETURN(
      const std::string identity_secret,
      whatsapp::X25519(identity.private_key, registration_.identity_key()));
  return whatsapp::LinkCodeAdvSecret(ephemeral_secret, identity_secret,
                                     bundle.adv_random);
}

absl::Status PairingFlow::OnCodeFinish(const Node& iq, const Node& request) {
  if (!phone_.has_value() || done_ == nullptr ||
      ChildData(request, "link_code_pairing_ref") != hello_->ref ||
      ChildData(request, "companion_identity_public") !=
          registration_.identity_key()) {
    return Broken(Rule::kPairingCode,
                  "ref or identity is not the one of this pairing");
  }
  const absl::StatusOr<std::string> adv_secret = OpenBundle(request);
  phone_.reset();
  if (!adv_secret.ok()) {
    // The phone's user typed a wrong code, which is not an error of the client.
    send_(ErrorOf(iq, 400));
    Tell(absl::InvalidArgumentError("the code is wrong"));
    return absl::OkStatus();
  }
  send_(ResultOf(iq));
  const absl::Status status = Vouch(hello_->number, *adv_secret);
  if (!status.ok()) Tell(status);
  return absl::OkStatus();
}

}  // namespace portrait::sim
