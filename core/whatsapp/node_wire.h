// Tag bytes of the binary node format, shared by the encoder and the decoder.
#ifndef PORTRAIT_CORE_WHATSAPP_NODE_WIRE_H_
#define PORTRAIT_CORE_WHATSAPP_NODE_WIRE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace portrait::whatsapp {

inline constexpr uint8_t kCompressedFlag = 2;

inline constexpr uint8_t kTagListEmpty = 0;
// 1 … 235 are single-byte tokens.
inline constexpr uint8_t kTagDictionary0 = 236;
inline constexpr uint8_t kTagDictionary3 = 239;
// 240 … 244 are not assigned.
inline constexpr uint8_t kTagInteropJid = 245;
inline constexpr uint8_t kTagMessengerJid = 246;
inline constexpr uint8_t kTagDeviceJid = 247;
inline constexpr uint8_t kTagList8 = 248;
inline constexpr uint8_t kTagList16 = 249;
inline constexpr uint8_t kTagJidPair = 250;
inline constexpr uint8_t kTagHex8 = 251;
inline constexpr uint8_t kTagBinary8 = 252;
inline constexpr uint8_t kTagBinary20 = 253;
inline constexpr uint8_t kTagBinary32 = 254;
inline constexpr uint8_t kTagNibble8 = 255;

// The domain byte of a device JID.
inline constexpr uint8_t kDomainPhoneNumber = 0;
inline constexpr uint8_t kDomainLid = 1;
inline constexpr uint8_t kDomainHosted = 128;
inline constexpr uint8_t kDomainHostedLid = 129;

// Packed strings have two characters per byte, the high half first. The count
// byte has the number of bytes; its top bit is set if the low half of the last
// byte is unused.
inline constexpr uint8_t kPackedOdd = 0x80;
inline constexpr uint8_t kPackedFiller = 15;
inline constexpr size_t kMaxPackedCharacters = 127;
inline constexpr absl::string_view kNibbleAlphabet = "0123456789-.";
inline constexpr absl::string_view kHexAlphabet = "0123456789ABCDEF";

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_NODE_WIRE_H_
