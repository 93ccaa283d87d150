// Secret holds bytes that must not be found in memory once they are of no more
// use: a key, a token.
#ifndef PORTRAIT_CORE_BASE_SECRET_H_
#define PORTRAIT_CORE_BASE_SECRET_H_

#include <sodium.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace portrait {

// Overwrites the bytes and drops them. All that the string has room for: one
// that was longer before is not cut off in memory, nor is a short one that was
// moved from.
inline void Wipe(std::string& bytes) {
  bytes.resize(bytes.capacity());
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

// A value type that overwrites what it held when it goes, is assigned to or
// moved from. Reads as the string_view of its bytes.
class Secret {
 public:
  Secret() = default;
  // Takes the bytes over: no copy of them is left behind.
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

  // In a time that does not tell how much of them is the same.
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
