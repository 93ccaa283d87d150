#include "tests/whatsapp_sim/protocol/admission.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/crypto.h"
#include "tests/whatsapp_sim/protocol/rules.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::sim {
namespace {

using whatsapp::proto::AppVersion;
using whatsapp::proto::ClientPayload;
using whatsapp::proto::DeviceProps;

constexpr size_t kRegistrationIdBytes = 4;
constexpr size_t kPrekeyIdBytes = 3;
constexpr absl::string_view kKeyType = "\x05";

std::string VersionText(const AppVersion& version) {
  return absl::StrCat(version.primary(), ".", version.secondary(), ".",
                      version.tertiary());
}

// Errors, here and below: those of Broken().
absl::Status CheckUserAgent(const ClientPayload& payload,
                            const Habits& habits) {
  const ClientPayload::UserAgent& agent = payload.user_agent();
  if (agent.platform() != ClientPayload::UserAgent::WEB) {
    return Broken(Rule::kUserAgent, "the platform is not WEB");
  }
  if (!agent.has_app_version() || agent.app_version().tertiary() == 0) {
    return Broken(Rule::kUserAgent, "no client version");
  }
  if (agent.has_phone_id()) {
    return Broken(Rule::kUserAgent, "a web client has no phone id");
  }
  if (!payload.has_web_info()) {
    return Broken(Rule::kUserAgent, "no web info");
  }
  if (agent.app_version().tertiary() < habits.client_min_revision) {
    return Broken(
        Rule::kClientVersion,
        absl::StrCat(VersionText(agent.app_version()), " is outdated"));
  }
  return absl::OkStatus();
}

absl::Status CheckRegistration(const ClientPayload& payload) {
  const auto& data = payload.device_pairing_data();
  if (payload.has_username() || payload.has_device()) {
    return Broken(Rule::kRegistration, "it names an account");
  }
  if (payload.passive() || payload.pull()) {
    return Broken(Rule::kRegistration, "it is passive or pulls");
  }
  if (data.e_regid().size() != kRegistrationIdBytes ||
      data.e_keytype() != kKeyType ||
      data.e_skey_id().size() != kPrekeyIdBytes) {
    return Broken(Rule::kRegistration,
                  "registration id, key type or prekey id is malformed");
  }
  if (data.e_ident().size() != whatsapp::kKeyBytes ||
      data.e_skey_val().size() != whatsapp::kKeyBytes ||
      !whatsapp::XeddsaVerify(data.e_ident(),
                              absl::StrCat(kKeyType, data.e_skey_val()),
                              data.e_skey_sig())) {
    return Broken(Rule::kRegistration,
                  "the signed prekey's signature does not hold");
  }
  if (data.build_hash() !=
      whatsapp::Md5(VersionText(payload.user_agent().app_version()))) {
    return Broken(Rule::kRegistration,
                  "the build hash is not that of the version");
  }
  DeviceProps props;
  if (!props.ParseFromString(data.device_props()) || props.os().empty()) {
    return Broken(Rule::kRegistration, "no device properties");
  }
  return absl::OkStatus();
}

state::StoredCompanion MakeCompanion(const ClientPayload& payload,
                                     const std::string& noise_key) {
  const auto& data = payload.device_pairing_data();
  state::StoredCompanion companion;
  companion.set_noise_key(noise_key);
  companion.set_identity_key(data.e_ident());
  companion.set_registration_id(data.e_regid());
  companion.mutable_signed_prekey()->set_id(data.e_skey_id());
  companion.mutable_signed_prekey()->set_key(data.e_skey_val());
  companion.mutable_signed_prekey()->set_signature(data.e_skey_sig());
  return companion;
}

Refusal RefusalFor(absl::Status broken) {
  const int reason = EntryOf(RuleOf(broken).value()).code;
  return {reason, std::move(broken)};
}

std::variant<Registration, Login, Refusal> AdmitLogin(
    const Network& network, const ClientPayload& payload,
    const std::string& noise_key) {
  if (!payload.has_username() || !payload.has_device()) {
    return RefusalFor(Broken(Rule::kPayload, "neither registration nor login"));
  }
  if (!payload.pull()) {
    return RefusalFor(Broken(Rule::kLogin, "it does not pull"));
  }
  std::shared_ptr<Companion> companion =
      network.companions->Find(payload.username(), payload.device());
  if (companion == nullptr) return Refusal();
  if (!whatsapp::ConstantTimeEquals(companion->identity().noise_key(),
                                    noise_key)) {
    return RefusalFor(
        Broken(Rule::kStaticKey, "another static key than paired"));
  }
  return Login{std::move(companion), payload.passive()};
}

}  // namespace

std::variant<Registration, Login, Refusal> Admit(
    const Network& network,
    const whatsapp::NoiseServerHandshake::Client& client) {
  ClientPayload payload;
  if (!payload.ParseFromString(client.payload)) {
    return RefusalFor(Broken(Rule::kPayload, "not a ClientPayload"));
  }
  absl::Status status = CheckUserAgent(payload, network.habits);
  if (!status.ok()) return RefusalFor(std::move(status));
  if (!payload.has_device_pairing_data()) {
    return AdmitLogin(network, payload, client.noise_public_key);
  }
  status = CheckRegistration(payload);
  if (!status.ok()) return RefusalFor(std::move(status));
  return Registration{MakeCompanion(payload, client.noise_public_key)};
}

}  // namespace portrait::sim
