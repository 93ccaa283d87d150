#include "core/session/session_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"
#include "core/whatsapp/crypto.h"
#include "portrait/store/v1/store.pb.h"

namespace portrait {

std::string Seal(absl::string_view seal_key, absl::string_view session_name,
                 const Secret& secret) {
  store::v1::SealedSession sealed;
  sealed.set_nonce(RandomBytes(whatsapp::kGcmNonceBytes));
  sealed.set_sealed(
      whatsapp::AesGcmEncrypt(seal_key, sealed.nonce(), session_name, secret));
  return sealed.SerializeAsString();
}

absl::StatusOr<Secret> OpenSealed(const SealKeys& keys,
                                  absl::string_view session_name,
                                  absl::string_view sealed_session) {
  store::v1::SealedSession sealed;
  if (!sealed.ParseFromArray(sealed_session.data(),
                             static_cast<int>(sealed_session.size())) ||
      sealed.nonce().size() != whatsapp::kGcmNonceBytes) {
    return absl::DataLossError(
        absl::StrCat("session ", session_name,
                     ": the stored record is not a sealed session"));
  }
  const auto open = [&](const Secret& key) {
    return whatsapp::AesGcmDecrypt(key, sealed.nonce(), session_name,
                                   sealed.sealed());
  };
  absl::StatusOr<std::string> opened = open(keys.current);
  for (size_t i = 0; i < keys.former.size() && !opened.ok(); ++i) {
    opened = open(keys.former[i]);
  }
  if (opened.ok()) return Secret(*std::move(opened));
  return absl::UnauthenticatedError(absl::StrCat(
      "session ", session_name,
      ": its stored keys cannot be decrypted with the key file; the key file "
      "belongs to another installation, or the record was changed"));
}

}  // namespace portrait
