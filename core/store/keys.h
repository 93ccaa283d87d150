// Keys of the changes and history families. Numbers are big-endian, so that
// RocksDB's byte order is theirs:
//
//   changes   ┌ sequence, 8 bytes ┐
//   history   ┌ jid ┬ 0x00 ┬ 2^64-1 - sequence, 8 bytes ┐   newest first
#ifndef PORTRAIT_CORE_STORE_KEYS_H_
#define PORTRAIT_CORE_STORE_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

std::string EncodeNumber(uint64_t number);
// Returns nothing unless `bytes` has 8 bytes.
std::optional<uint64_t> DecodeNumber(absl::string_view bytes);

std::string ChangeKey(uint64_t sequence);

// `jid` must not contain a zero byte.
std::string HistoryPrefix(absl::string_view jid);
std::string HistoryKey(absl::string_view jid, uint64_t sequence);
// Returns nothing if the key is too short.
std::optional<uint64_t> SequenceOfHistoryKey(absl::string_view key);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_KEYS_H_
