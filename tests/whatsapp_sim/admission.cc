#include "tests/whatsapp_sim/admission.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/crypto.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::sim {
namespace {

using whatsapp::proto::AppVersion;
using whatsapp::proto::ClientPayload;
using whatsapp::proto::DeviceProps;

constexpr size_t kRegistrationIdBytes = 4;
constexpr size_t kPrekeyIdBytes = 3;
constexpr absl::string_view kKeyType = "\x05";

// <failure> reasons.
constexpr int kBadRequest = 400;
constexpr int kLoggedOut = 401;
constexpr int kOutdated = 405;
constexpr int kBadUserAgent = 409;

std::string VersionText(const AppVersion& version) {
  return absl::StrCat(version.primary(), ".", version.secondary(), ".",
                      version.tertiary());
}

// A refusal with an empty rule: none.
Refusal CheckUserAgent(const ClientPayload& payload, const Habits& habits) {
  const ClientPayload::UserAgent& agent = payload.user_agent();
  if (agent.platform() != ClientPayload::UserAgent::WEB) {
    return {kBadUserAgent, "payload: the platform is not WEB"};
  }
  if (!agent.has_app_version() || agent.app_version().tertiary() == 0) {
    return {kBadUserAgent, "payload: no client version"};
  }
  if (agent.has_phone_id()) {
    return {kBadUserAgent, "payload: a web client has no phone id"};
  }
  if (!payload.has_web_info()) {
    return {kBadUserAgent, "payload: no web info"};
  }
  if (agent.app_version().tertiary() < habits.client_min_revision) {
    return {kOutdated,
            absl::StrCat("payload: client version ",
                         VersionText(agent.app_version()), " is outdated")};
  }
  return {};
}

// The rule that the registration breaks; empty: none.
std::string BrokenRegistrationRule(const ClientPayload& payload) {
  const auto& data = payload.device_pairing_data();
  if (payload.has_username() || payload.has_device()) {
    return "payload: a registration names an account";
  }
  if (payload.passive() || payload.pull()) {
    return "payload: a registration is neither passive nor pulls";
  }
  if (data.e_regid().size() != kRegistrationIdBytes ||
      data.e_keytype() != kKeyType ||
      data.e_skey_id().size() != kPrekeyIdBytes) {
    return "payload: registration id, key type or prekey id is malformed";
  }
  if (data.e_ident().size() != whatsapp::kKeyBytes ||
      data.e_skey_val().size() != whatsapp::kKeyBytes ||
      !whatsapp::XeddsaVerify(data.e_ident(),
                              absl::StrCat(kKeyType, data.e_skey_val()),
                              data.e_skey_sig())) {
    return "payload: the signed prekey's signature does not hold";
  }
  if (data.build_hash() !=
      whatsapp::Md5(VersionText(payload.user_agent().app_version()))) {
    return "payload: the build hash is not that of the version";
  }
  DeviceProps props;
  if (!props.ParseFromString(data.device_props()) || props.os().empty()) {
    return "payload: no device properties";
  }
  return "";
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

std::variant<Registration, Login, Refusal> AdmitLogin(
    const Network& network, const ClientPayload& payload,
    const std::string& noise_key) {
  if (!payload.has_username() || !payload.has_device()) {
    return Refusal{kBadRequest, "payload: neither registration nor login"};
  }
  if (!payload.pull()) {
    return Refusal{kBadRequest, "payload: a login that does not pull"};
  }
  std::shared_ptr<Companion> companion =
      network.companions->Find(payload.username(), payload.device());
  if (companion == nullptr) return Refusal{kLoggedOut, ""};
  if (!whatsapp::ConstantTimeEquals(companion->identity().noise_key(),
                                    noise_key)) {
    return Refusal{kLoggedOut, "login: another static key than paired"};
  }
  return Login{std::move(companion), payload.passive()};
}

}  // namespace

std::variant<Registration, Login, Refusal> Admit(
    const Network& network,
    const whatsapp::NoiseServerHandshake::Client& client) {
  ClientPayload payload;
  if (!payload.ParseFromString(client.payload)) {
    return Refusal{kBadRequest, "payload: not a ClientPayload"};
  }
  Refusal refusal = CheckUserAgent(payload, network.habits);
  if (!refusal.rule.empty()) return refusal;
  if (!payload.has_device_pairing_data()) {
    return AdmitLogin(network, payload, client.noise_public_key);
  }
  std::string rule = BrokenRegistrationRule(payload);
  if (!rule.empty()) return Refusal{kBadRequest, std::move(rule)};
  return Registration{MakeCompanion(payload, client.noise_public_key)};
}

}  // namespace portrait::sim
