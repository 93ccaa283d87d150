#include "core/whatsapp/certificate.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "whatsapp/whatsapp.pb.h"

namespace portrait::whatsapp {
namespace {

using Details = proto::CertChain::NoiseCertificate::Details;

constexpr uint32_t kRootSerial = 0;
constexpr uint32_t kIntermediateSerial = 1;
constexpr uint32_t kLeafSerial = 2;

absl::Status Untrusted(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("server certificate: ", why));
}

// Compares unsigned seconds, because an absl::Time cannot hold every uint64.
bool IsWithin(uint64_t not_before, uint64_t not_after, absl::Time now) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  return seconds >= 0 && static_cast<uint64_t>(seconds) >= not_before &&
         static_cast<uint64_t>(seconds) <= not_after;
}

bool IsValidAt(const Details& details, absl::Time now) {
  return IsWithin(details.not_before(), details.not_after(), now);
}

proto::CertChain::NoiseCertificate Issue(const Details& details,
                                         const KeyPair& issuer) {
  proto::CertChain::NoiseCertificate certificate;
  certificate.set_details(details.SerializeAsString());
  certificate.set_signature(
      XeddsaSign(issuer.private_key, certificate.details()));
  return certificate;
}

}  // namespace

const std::string& WhatsAppRootPublicKey() {
  static const std::string* const key = new std::string(absl::HexStringToBytes(
      "142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b"));
  return *key;
}

bool ServerCertificate::IsValidAt(absl::Time now) const {
  return public_key.size() == kKeyBytes && IsWithin(not_before, not_after, now);
}

bool operator==(const ServerCertificate& a, const ServerCertificate& b) {
  return a.public_key == b.public_key && a.not_before == b.not_before &&
         a.not_after == b.not_after;
}

absl::StatusOr<ServerCertificate> VerifyCertificateChain(
    absl::string_view chain, absl::string_view root_public_key,
    absl::string_view server_static_key, absl::Time now) {
  proto::CertChain parsed;
  Details intermediate, leaf;
  if (!parsed.ParseFromArray(chain.data(), static_cast<int>(chain.size())) ||
      !parsed.has_intermediate() || !parsed.has_leaf() ||
      !parsed.intermediate().has_details() || !parsed.leaf().has_details() ||
      !intermediate.ParseFromString(parsed.intermediate().details()) ||
      !leaf.ParseFromString(parsed.leaf().details())) {
    return Untrusted("the chain is incomplete or malformed");
  }
  if (!XeddsaVerify(root_public_key, parsed.intermediate().details(),
                    parsed.intermediate().signature())) {
    return Untrusted("the intermediate is not signed by the root");
  }
  if (intermediate.issuer_serial() != kRootSerial) {
    return Untrusted("the intermediate names another issuer than the root");
  }
  if (!XeddsaVerify(intermediate.key(), parsed.leaf().details(),
                    parsed.leaf().signature())) {
    return Untrusted("the leaf is not signed by the intermediate");
  }
  if (!IsValidAt(intermediate, now)) {
    return Untrusted("the intermediate is not valid now");
  }
  if (leaf.issuer_serial() != intermediate.serial()) {
    return Untrusted("the leaf names another issuer than the intermediate");
  }
  if (!ConstantTimeEquals(leaf.key(), server_static_key)) {
    return Untrusted("the leaf is for another key than the server's");
  }
  if (!IsValidAt(leaf, now)) return Untrusted("the leaf is not valid now");
  return ServerCertificate{
      leaf.key(),
      std::max<uint64_t>(intermediate.not_before(), leaf.not_before()),
      std::min<uint64_t>(intermediate.not_after(), leaf.not_after())};
}

std::string MakeCertificateChain(const KeyPair& root,
                                 const KeyPair& intermediate,
                                 absl::string_view leaf_public_key,
                                 absl::Time not_before, absl::Time not_after) {
  Details details;
  details.set_not_before(absl::ToUnixSeconds(not_before));
  details.set_not_after(absl::ToUnixSeconds(not_after));

  proto::CertChain chain;
  details.set_serial(kIntermediateSerial);
  // Written although it is 0: Baileys treats an absent serial as a mismatch.
  details.set_issuer_serial(kRootSerial);
  details.set_key(intermediate.public_key);
  *chain.mutable_intermediate() = Issue(details, root);

  details.set_serial(kLeafSerial);
  details.set_issuer_serial(kIntermediateSerial);
  details.set_key(std::string(leaf_public_key));
  *chain.mutable_leaf() = Issue(details, intermediate);
  return chain.SerializeAsString();
}

}  // namespace portrait::whatsapp
