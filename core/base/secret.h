// Secret holds bytes, such as a key or token, that must not remain in memory
// after their last use.
#ifndef PORTRAIT_CORE_BASE_SECRET_H_
#define PORTRAIT_CORE_BASE_SECRET_H_

#include <sodium.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace portrait {

// Overwrites the string's whole capacity, then clears it. Bytes beyond the
// current size count too: shrinking or moving from a string leaves them in
// memory.
inline void Wipe(std::string& bytes) {
  bytes.resize(bytes.capacity());
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

// A value type that overwrites its bytes if it is destroyed, assigned to or
// moved from. Converts to a string_view of its bytes.
class Secret {
 public:
  Secret() = default;
  // Takes over the bytes and leaves no copy in the argument.
  Secret(std::string&& bytes)
      : bytes_(std::move(bytes)) {  // NOLINT(*explicit*)
    Wipe(bytes);
  }
  explicit Secret(absl::string_view bytes) : bytes_(bytes) {}

  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
    Wipe(other.bytes_);
  }
  Secret& operator=(const Secret& other) {
    if (this != &other) *this = Secret(other);
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    Wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    Wipe(other.bytes_);
    return *this;
  }
  ~Secret() { Wipe(bytes_); }

  operator absl::string_view() const { return bytes_; }  // NOLINT(*explicit*)
  absl::string_view view() const { return bytes_; }
  const char* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // Compares in constant time, which does not reveal how many bytes are equal.
  friend bool operator==(const Secret& a, absl::string_view b) {
    return a.size() == b.size() &&
           sodium_memcmp(a.data(), b.data(), a.size()) == 0;
  }
  friend bool operator==(const Secret& a, const Secret& b) {
    return a == b.view();
  }

 private:
  std::string bytes_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_BASE_SECRET_H_
