#include "core/image/likeness_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr int kParts = 4;
constexpr int kPartBits = 16;
// The prefix, the number of the part, its bits.
constexpr size_t kBucketBytes = 1 + 1 + 2;
constexpr size_t kRestBytes = 6;

uint16_t PartOf(uint64_t hash, int part) {
  return static_cast<uint16_t>(hash >> (kPartBits * (kParts - 1 - part)));
}

void AppendPart(uint16_t bits, std::string* key) {
  key->push_back(static_cast<char>(bits >> 8));
  key->push_back(static_cast<char>(bits & 0xFF));
}

std::string BucketPrefix(int part, uint16_t bits) {
  std::string key = kLikenessPrefix;
  key.push_back(static_cast<char>(part));
  AppendPart(bits, &key);
  return key;
}

// The bits of each part that may differ; -1: the part is not searched. With
// `distance` + 1 differing bits at the least spread over the parts, one part
// would have more than its radius.
std::array<int, kParts> RadiiFor(int distance) {
  std::array<int, kParts> radii = {};
  for (int part = 0; part < kParts; ++part) {
    const int share = (distance + 1) / kParts;
    radii[static_cast<size_t>(part)] =
        share - 1 + (part < (distance + 1) % kParts ? 1 : 0);
  }
  return radii;
}

// Appends all values that differ from `bits` in at most `radius` of the bits
// from `first` on.
void AppendNear(uint16_t bits, int radius, int first,
                std::vector<uint16_t>* values) {
  values->push_back(bits);
  if (radius == 0) return;
  for (int bit = first; bit < kPartBits; ++bit) {
    AppendNear(static_cast<uint16_t>(bits ^ (1U << bit)), radius - 1, bit + 1,
               values);
  }
}

uint64_t PartAt(absl::string_view key, size_t at) {
  return static_cast<uint64_t>(static_cast<unsigned char>(key[at])) << 8 |
         static_cast<unsigned char>(key[at + 1]);
}

// The hash of an entry under one of its four keys.
uint64_t HashOf(absl::string_view key, int part) {
  uint64_t hash = 0;
  size_t rest = kBucketBytes;
  for (int i = 0; i < kParts; ++i) {
    const size_t at = i == part ? kBucketBytes - 2 : rest;
    hash = hash << kPartBits | PartAt(key, at);
    if (i != part) rest += 2;
  }
  return hash;
}

// One search, bucket by bucket.
class Search {
 public:
  Search(OrderedKeyValueStore& store, uint64_t hash, int distance, size_t limit)
      : store_(store),
        hash_(hash),
        distance_(distance),
        limit_(limit),
        radii_(RadiiFor(distance)) {}

  absl::StatusOr<LikenessMatches> Run() {
    for (int part = 0; part < kParts && found_.is_complete; ++part) {
      RETURN_IF_ERROR(ReadBuckets(part));
    }
    return std::move(found_);
  }

 private:
  absl::Status ReadBuckets(int part) {
    const int radius = radii_[static_cast<size_t>(part)];
    if (radius < 0) return absl::OkStatus();
    std::vector<uint16_t> values;
    AppendNear(PartOf(hash_, part), radius, 0, &values);
    // From one place of the tables to the next: neighbours share their blocks.
    std::sort(values.begin(), values.end());
    std::vector<std::string> buckets;
    for (const uint16_t value : values) {
      buckets.push_back(BucketPrefix(part, value));
    }
    bool is_valid = true;
    RETURN_IF_ERROR(store_.VisitKeys(buckets, [&](absl::string_view key) {
      is_valid = key.size() > kBucketBytes + kRestBytes;
      if (is_valid) Compare(key, part);
      return is_valid && found_.is_complete;
    }));
    if (is_valid) return absl::OkStatus();
    return absl::DataLossError("likeness index: malformed entry");
  }

  void Compare(absl::string_view key, int part) {
    const uint64_t hash = HashOf(key, part);
    const int distance = std::popcount(hash ^ hash_);
    if (distance > distance_ || WasRead(hash, part)) return;
    if (found_.matches.size() >= limit_) {
      found_.is_complete = false;
      return;
    }
    found_.matches.push_back(
        {std::string(key.substr(kBucketBytes + kRestBytes)), hash, distance});
  }

  // Whether an earlier part has shown the entry already.
  bool WasRead(uint64_t hash, int part) const {
    for (int i = 0; i < part; ++i) {
      const auto differing =
          static_cast<uint16_t>(PartOf(hash, i) ^ PartOf(hash_, i));
      if (std::popcount(differing) <= radii_[static_cast<size_t>(i)]) {
        return true;
      }
    }
    return false;
  }

  OrderedKeyValueStore& store_;
  const uint64_t hash_;
  const int distance_;
  const size_t limit_;
  const std::array<int, kParts> radii_;
  LikenessMatches found_;
};

}  // namespace

std::vector<std::string> LikenessIndex::KeysOf(const LikenessEntry& entry) {
  std::vector<std::string> keys;
  for (int part = 0; part < kParts; ++part) {
    std::string key = BucketPrefix(part, PartOf(entry.phash, part));
    for (int other = 0; other < kParts; ++other) {
      if (other != part) AppendPart(PartOf(entry.phash, other), &key);
    }
    key += entry.picture;
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::Status LikenessIndex::Update(absl::Span<const LikenessEntry> added,
                                   absl::Span<const LikenessEntry> removed) {
  OrderedKeyValueStore::Entries puts;
  std::vector<std::string> deletes;
  for (const LikenessEntry& entry : added) {
    for (std::string& key : KeysOf(entry))
      puts.emplace_back(std::move(key), "");
  }
  for (const LikenessEntry& entry : removed) {
    for (std::string& key : KeysOf(entry)) deletes.push_back(std::move(key));
  }
  return store_.Update(puts, deletes);
}

absl::StatusOr<LikenessMatches> LikenessIndex::Find(uint64_t phash,
                                                    int max_distance,
                                                    size_t limit) {
  if (max_distance < 0 || max_distance > kMaxLikenessDistance) {
    return absl::InvalidArgumentError(
        absl::StrCat("likeness: a distance of ", max_distance,
                     " bits, expected 0 to ", kMaxLikenessDistance));
  }
  return Search(store_, phash, max_distance, limit).Run();
}

}  // namespace portrait
