#include "core/image/image_key.h"

#include <sodium.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/key_file.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr absl::string_view kSealMark = "PIS1";
static_assert(kSealKeyBytes == crypto_kdf_KEYBYTES);
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "portrimg";
constexpr uint64_t kSealingSubkey = 1, kNamingSubkey = 2;

const unsigned char* Raw(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Raw(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

Secret Subkey(const Secret& key, uint64_t id) {
  std::string subkey(kSealKeyBytes, '\0');
  crypto_kdf_derive_from_key(Raw(subkey), subkey.size(), id, kContext,
                             Raw(key.view()));
  return subkey;
}

std::string KeyedHash(absl::string_view text, const Secret& key) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(Raw(hash), hash.size(), Raw(text), text.size(),
                     Raw(key.view()), key.size());
  return hash;
}

}  // namespace

absl::StatusOr<ImageKey> ImageKey::ReadOrMake(const std::string& file) {
  absl::StatusOr<SealKeys> keys = ReadKeyFile(file);
  if (absl::IsNotFound(keys.status())) {
    keys = MakeSealKeys();
    RETURN_IF_ERROR(WriteKeyFile(file, *keys));
  }
  RETURN_IF_ERROR(keys.status());
  if (!keys->former.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "key file ", file, ": expected one key, since images have no other"));
  }
  return ImageKey(std::move(keys->current));
}

ImageKey::ImageKey(Secret key)
    : sealing_(Subkey(key, kSealingSubkey)),
      naming_(Subkey(key, kNamingSubkey)) {}

std::string ImageKey::BlobName(absl::string_view sha256) const {
  return absl::BytesToHexString(seals() ? KeyedHash(sha256, naming_) : sha256);
}

std::string ImageKey::Seal(absl::string_view name, std::string image) const {
  if (!seals()) return image;
  std::string sealed = absl::StrCat(kSealMark, RandomBytes(kNonceBytes));
  const size_t head = sealed.size();
  sealed.resize(head + image.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      Raw(sealed) + head, nullptr, Raw(image), image.size(), Raw(name),
      name.size(), nullptr, Raw(sealed) + kSealMark.size(),
      Raw(sealing_.view()));
  return sealed;
}

absl::StatusOr<std::string> ImageKey::Open(absl::string_view name,
                                           std::string stored) const {
  if (!seals()) return stored;
  absl::string_view sealed = stored;
  if (!absl::ConsumePrefix(&sealed, kSealMark) ||
      sealed.size() < kNonceBytes + kTagBytes) {
    return absl::DataLossError("a stored image is not sealed");
  }
  const absl::string_view nonce = sealed.substr(0, kNonceBytes);
  sealed.remove_prefix(kNonceBytes);
  std::string image(sealed.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Raw(image), nullptr, nullptr, Raw(sealed), sealed.size(), Raw(name),
          name.size(), Raw(nonce), Raw(sealing_.view())) != 0) {
    return absl::DataLossError(
        "a stored image was changed, or sealed under another key");
  }
  return image;
}

std::string ImageKey::Fingerprint() const {
  return seals() ? KeyedHash("fingerprint", naming_) : "";
}

}  // namespace portrait
