// LikenessIndex finds pictures whose perceptual hash (ImageFacts::phash)
// differs from a given one in few bits: all of them, and no others.
//
// Multi-index hashing: a hash of 64 bits is cut into four parts of 16 bits. Two
// hashes that differ in at most 8 bits differ in at most 2 bits of the first
// part, or in at most 1 bit of another part, since 3 + 2 + 2 + 2 bits are more
// than 8. So a search reads the entries under 137 + 3 * 17 keys and compares
// the rest of each: of 5 million pictures about 14,000. Every picture has four
// entries:
//
//   l ┬ part, 1 byte ┬ its bits, 2 ┬ the other bits, 6 ┬ picture   → nothing
//
// Only pictures that are kept may have entries: write KeysOf in the same batch
// as the reference to the picture, and delete them with it. Silhouettes and
// blank pictures (ImageFacts::look) look like each other; do not add them.
#ifndef PORTRAIT_CORE_IMAGE_LIKENESS_INDEX_H_
#define PORTRAIT_CORE_IMAGE_LIKENESS_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/store/key_value_store.h"

namespace portrait {

// All entries have this prefix.
inline constexpr char kLikenessPrefix[] = "l";
// Beyond this distance, different pictures begin to be alike, and a search
// reads a large part of the index.
inline constexpr int kMaxLikenessDistance = 12;

struct LikenessEntry {
  uint64_t phash = 0;
  // Whatever names the picture to the caller, such as its contact and its id.
  // Not empty.
  std::string picture;
};

struct LikenessMatch {
  std::string picture;
  uint64_t phash = 0;
  int distance = 0;  // bits that differ
};

struct LikenessMatches {
  std::vector<LikenessMatch> matches;  // in no particular order
  bool is_complete = true;             // false: the limit was reached
};

// Thread-safe. Blocks on the store, which is borrowed.
//
// Errors of every method: those of the store.
class LikenessIndex {
 public:
  explicit LikenessIndex(OrderedKeyValueStore& store) : store_(store) {}

  // The four keys of an entry; their values are empty.
  static std::vector<std::string> KeysOf(const LikenessEntry& entry);

  // Adds and removes entries, all or none. Idempotent.
  absl::Status Update(absl::Span<const LikenessEntry> added,
                      absl::Span<const LikenessEntry> removed);

  // All pictures whose hash differs in at most `max_distance` bits, but no more
  // than `limit`.
  //
  // Errors: INVALID_ARGUMENT unless 0 <= max_distance <= kMaxLikenessDistance;
  // DATA_LOSS if an entry is malformed.
  absl::StatusOr<LikenessMatches> Find(uint64_t phash, int max_distance,
                                       size_t limit);

 private:
  OrderedKeyValueStore& store_;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_LIKENESS_INDEX_H_
