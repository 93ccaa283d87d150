#include "core/image/image_index.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/image/likeness_index.h"

namespace portrait {
namespace {

constexpr absl::string_view kImageMark = "r", kBlobMark = "b",
                            kDeleteMark = "d", kValueMark = "m";

std::string ContactPrefix(absl::string_view jid) {
  return absl::StrCat(kImageMark, jid, absl::string_view("\0", 1));
}

std::string ImageKeyOf(const ImageId& id) {
  return absl::StrCat(ContactPrefix(id.jid), id.is_preview ? "p" : "f",
                      id.picture_id);
}

// The inverse of ImageKeyOf.
absl::StatusOr<ImageId> IdOfKey(absl::string_view key) {
  const size_t end = key.find('\0');
  if (!absl::ConsumePrefix(&key, kImageMark) ||
      end == absl::string_view::npos || key.size() <= end) {
    return absl::DataLossError("store: a similar picture has no valid name");
  }
  return ImageId{std::string(key.substr(0, end - 1)),
                 std::string(key.substr(end + 1)), key[end] == 'p'};
}

ImageId IdOf(const StoredImage& image) {
  return {image.jid(), image.picture_id(), image.is_preview()};
}

std::string BlobKeyOf(absl::string_view blob, absl::string_view image_key) {
  return absl::StrCat(kBlobMark, blob, image_key);
}

absl::StatusOr<StoredImage> ReadImageEntry(const std::string& bytes) {
  StoredImage image;
  if (!image.ParseFromString(bytes)) {
    return absl::DataLossError("store: a reference to an image is damaged");
  }
  return image;
}

// The entries by which similar pictures are found. Silhouettes and blank
// pictures look like each other, and a preview like its own picture.
std::vector<std::string> LikenessKeysOf(const StoredImage& image) {
  if (image.is_preview() || image.look() != 0) return {};
  return LikenessIndex::KeysOf(
      {image.perceptual_hash(), ImageKeyOf(IdOf(image))});
}

}  // namespace

absl::StatusOr<SimilarImages> ImageIndex::FindSimilar(uint64_t phash,
                                                      int max_distance,
                                                      size_t limit) {
  ASSIGN_OR_RETURN(const LikenessMatches found,
                   LikenessIndex(store_).Find(phash, max_distance, limit));
  SimilarImages similar;
  similar.is_complete = found.is_complete;
  for (const LikenessMatch& match : found.matches) {
    ASSIGN_OR_RETURN(ImageId id, IdOfKey(match.picture));
    similar.images.push_back({std::move(id), match.distance});
  }
  return similar;
}

absl::StatusOr<std::optional<StoredImage>> ImageIndex::Find(const ImageId& id) {
  const absl::StatusOr<std::string> bytes = store_.Get(ImageKeyOf(id));
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  RETURN_IF_ERROR(bytes.status());
  ASSIGN_OR_RETURN(StoredImage image, ReadImageEntry(*bytes));
  return image;
}

absl::StatusOr<std::vector<StoredImage>> ImageIndex::ImagesOf(
    absl::string_view jid) {
  ASSIGN_OR_RETURN(
      const OrderedKeyValueStore::Entries entries,
      store_.ListAfter(ContactPrefix(jid), "", kMaxImagesOfContact));
  std::vector<StoredImage> images;
  for (const auto& [key, value] : entries) {
    ASSIGN_OR_RETURN(StoredImage image, ReadImageEntry(value));
    images.push_back(std::move(image));
  }
  return images;
}

absl::StatusOr<std::vector<StoredImage>> ImageIndex::List(
    absl::string_view after, size_t limit, std::string* last) {
  ASSIGN_OR_RETURN(const OrderedKeyValueStore::Entries entries,
                   store_.ListAfter(kImageMark, after, limit));
  std::vector<StoredImage> images;
  for (const auto& [key, value] : entries) {
    ASSIGN_OR_RETURN(StoredImage image, ReadImageEntry(value));
    images.push_back(std::move(image));
    *last = key;
  }
  return images;
}

absl::StatusOr<std::string> ImageIndex::Add(const StoredImage& image) {
  ASSIGN_OR_RETURN(const std::optional<StoredImage> before, Find(IdOf(image)));
  const std::string key = ImageKeyOf(IdOf(image));
  OrderedKeyValueStore::Entries puts = {{key, image.SerializeAsString()},
                                        {BlobKeyOf(image.blob(), key), ""}};
  const std::vector<std::string> likeness = LikenessKeysOf(image);
  for (const std::string& each : likeness) puts.emplace_back(each, "");
  std::vector<std::string> deletes = {absl::StrCat(kDeleteMark, image.blob())};
  if (before.has_value()) {
    for (std::string& each : LikenessKeysOf(*before)) {
      if (!absl::c_linear_search(likeness, each)) {
        deletes.push_back(std::move(each));
      }
    }
  }
  RETURN_IF_ERROR(store_.Update(puts, deletes));
  const bool is_other = before.has_value() && before->blob() != image.blob();
  return is_other ? before->blob() : "";
}

absl::Status ImageIndex::Update(const StoredImage& image) {
  const ImageId id = IdOf(image);
  ASSIGN_OR_RETURN(const std::optional<StoredImage> now, Find(id));
  if (!now.has_value() || now->blob() != image.blob()) return absl::OkStatus();
  return store_.Update({{ImageKeyOf(id), image.SerializeAsString()}}, {});
}

absl::StatusOr<bool> ImageIndex::Remove(const StoredImage& image) {
  const std::string key = ImageKeyOf(IdOf(image));
  ASSIGN_OR_RETURN(const std::optional<StoredImage> now, Find(IdOf(image)));
  std::vector<std::string> deletes;
  // Without an image of this blob, only a stray reference may be left.
  if (now.has_value() && now->blob() == image.blob()) {
    deletes = LikenessKeysOf(*now);
    deletes.push_back(key);
  }
  return RemoveReference(image.blob(), key, std::move(deletes));
}

absl::StatusOr<bool> ImageIndex::Release(const ImageId& id,
                                         const std::string& blob) {
  return RemoveReference(blob, ImageKeyOf(id), {});
}

absl::StatusOr<bool> ImageIndex::RemoveReference(
    const std::string& blob, const std::string& image_key,
    std::vector<std::string> deletes) {
  const std::string own = BlobKeyOf(blob, image_key);
  ASSIGN_OR_RETURN(
      const OrderedKeyValueStore::Entries references,
      store_.ListAfter(absl::StrCat(kBlobMark, blob), "", /*limit=*/2));
  bool is_last = true;
  for (const auto& [key, nothing] : references) is_last &= key == own;
  deletes.push_back(own);
  OrderedKeyValueStore::Entries puts;
  if (is_last) puts.emplace_back(absl::StrCat(kDeleteMark, blob), "");
  RETURN_IF_ERROR(store_.Update(puts, deletes));
  return is_last;
}

// A crash may leave a reference whose image has another blob, or is gone.
absl::StatusOr<bool> ImageIndex::IsReferenced(const std::string& blob) {
  const std::string prefix = absl::StrCat(kBlobMark, blob);
  while (true) {
    ASSIGN_OR_RETURN(const OrderedKeyValueStore::Entries references,
                     store_.ListAfter(prefix, "", /*limit=*/1));
    if (references.empty()) return false;
    const std::string& key = references.front().first;
    const absl::StatusOr<std::string> bytes =
        store_.Get(absl::string_view(key).substr(prefix.size()));
    if (!absl::IsNotFound(bytes.status())) {
      RETURN_IF_ERROR(bytes.status());
      ASSIGN_OR_RETURN(const StoredImage image, ReadImageEntry(*bytes));
      if (image.blob() == blob) return true;
    }
    RETURN_IF_ERROR(store_.Update({}, {key}));
  }
}

absl::StatusOr<std::vector<std::string>> ImageIndex::ToDelete(size_t limit) {
  ASSIGN_OR_RETURN(const OrderedKeyValueStore::Entries entries,
                   store_.ListAfter(kDeleteMark, "", limit));
  std::vector<std::string> blobs;
  for (const auto& [key, nothing] : entries) {
    blobs.push_back(key.substr(kDeleteMark.size()));
  }
  return blobs;
}

absl::Status ImageIndex::MarkForDeletion(const std::string& blob) {
  return store_.Update({{absl::StrCat(kDeleteMark, blob), ""}}, {});
}

absl::Status ImageIndex::NoteDeleted(const std::string& blob) {
  return store_.Update({}, {absl::StrCat(kDeleteMark, blob)});
}

absl::StatusOr<std::string> ImageIndex::GetValue(absl::string_view name) {
  absl::StatusOr<std::string> value =
      store_.Get(absl::StrCat(kValueMark, name));
  if (absl::IsNotFound(value.status())) return "";
  return value;
}

absl::Status ImageIndex::SetValue(absl::string_view name,
                                  absl::string_view value) {
  return store_.Update({{absl::StrCat(kValueMark, name), std::string(value)}},
                       {});
}

}  // namespace portrait
