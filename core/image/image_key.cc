#include "core/image/image_key.h"

#include <sodium.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr absl::string_view kSealMark = "PIS1";
constexpr size_t kImageKeyBytes = crypto_kdf_KEYBYTES;
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
  std::string subkey(kImageKeyBytes, '\0');
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

absl::Status CheckImageKeyMode(const std::string& file) {
  struct stat info = {};
  if (stat(file.c_str(), &info) != 0) return absl::OkStatus();
  if ((info.st_mode & S_IRWXO) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("image key ", file,
                   ": others than its owner can read or change it; run "
                   "chmod 600 on it"));
}

absl::Status MakeImageKey(const std::string& file) {
  const Secret key(RandomBytes(kImageKeyBytes));
  const Secret text(absl::StrCat(absl::BytesToHexString(key.view()), "\n"));
  return WriteFile(file, text, S_IRUSR | S_IWUSR);
}

}  // namespace

absl::StatusOr<ImageKey> ImageKey::ReadOrMake(const std::string& file) {
  struct stat info = {};
  if (stat(file.c_str(), &info) != 0 && errno == ENOENT) {
    RETURN_IF_ERROR(MakeImageKey(file));
  }
  RETURN_IF_ERROR(CheckImageKeyMode(file));
  ASSIGN_OR_RETURN(std::string read, ReadFile(file));
  const Secret content(std::move(read));
  const absl::string_view digits = absl::StripAsciiWhitespace(content.view());
  bool is_hex = digits.size() == 2 * kImageKeyBytes;
  for (const char c : digits) is_hex = is_hex && absl::ascii_isxdigit(c);
  if (!is_hex) {
    return absl::InvalidArgumentError(
        absl::StrCat("image key ", file, ": expected ", 2 * kImageKeyBytes,
                     " hexadecimal digits"));
  }
  return ImageKey(Secret(absl::HexStringToBytes(digits)));
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
