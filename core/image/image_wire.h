// The messages between ImageReader and its helper, over a socket. Numbers are
// little-endian.
//
//   request   ┌ side, 4 ┬ max side, 4 ┬ max pixels, 8 ┬ length, 4 ┬ picture ┐
//   response  ┌ status, 4 ┬ length, 4 ┬ answer ┐
//
// side 0 asks for facts, another side for a thumbnail, with kRawPixels for its
// pixels. The answer is a text after an error, a thumbnail, or:
//
//   facts     ┌ width, 4 ┬ height, 4 ┬ pHash, 8 ┬ dHash, 8 ┬ look, 1 ┐
//   pixels    ┌ width, 4 ┬ height, 4 ┬ channels, 1 ┬ rows ┐
#ifndef PORTRAIT_CORE_IMAGE_IMAGE_WIRE_H_
#define PORTRAIT_CORE_IMAGE_IMAGE_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// A thumbnail of 256 x 256 pixels of noise has 60 kB.
inline constexpr size_t kMaxImageAnswerBytes = size_t{256} * 1024;
inline constexpr size_t kImageRequestBytes = 20;
inline constexpr size_t kImageResponseBytes = 8;
inline constexpr size_t kImageFactsBytes = 25;
inline constexpr size_t kImagePixelsHeaderBytes = 9;
inline constexpr uint32_t kRawPixels = uint32_t{1} << 31;

inline void AppendImageNumber(uint64_t number, size_t bytes, std::string* to) {
  for (size_t i = 0; i < bytes; ++i) {
    to->push_back(static_cast<char>(number >> (8 * i) & 0xFF));
  }
}

// Reads and removes `bytes` bytes, which `from` must have.
inline uint64_t TakeImageNumber(size_t bytes, absl::string_view* from) {
  uint64_t number = 0;
  for (size_t i = bytes; i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>((*from)[i - 1]);
  }
  from->remove_prefix(bytes);
  return number;
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_IMAGE_WIRE_H_
