#include "client/cli/report_images.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/columns.h"
#include "core/image/image_reader.h"

namespace portrait::cli {
namespace {

constexpr absl::string_view kEndings[] = {".jpg", ".png", ".webp"};

struct ReadPicture {
  int64_t thumbnail = -1;
  uint64_t phash = 0;
  ImageLook look = ImageLook::kPicture;
};

// Reads each file once.
class PictureFiles {
 public:
  PictureFiles(const std::string& folder, size_t max, ReportImages& images)
      : folder_(std::filesystem::weakly_canonical(folder, error_)),
        max_(max),
        images_(images) {}

  // The picture in a file, whose path is absolute or relative to the folder.
  // Files outside of the folder are not read: the run may come from a stranger.
  ReadPicture Read(const std::filesystem::path& path) {
    const std::filesystem::path file =
        std::filesystem::weakly_canonical(folder_ / path, error_);
    const auto [begin, end] =
        std::mismatch(folder_.begin(), folder_.end(), file.begin(), file.end());
    if (error_ || begin != folder_.end()) return {};
    const auto [known, added] = read_.try_emplace(file.string());
    if (added) known->second = ReadFile(known->first);
    return known->second;
  }

  // The names of the folder's files, for those of earlier pictures.
  bool Has(const std::string& name) {
    if (!listed_) {
      listed_ = true;
      for (const auto& entry :
           std::filesystem::directory_iterator(folder_, error_)) {
        names_.insert(entry.path().filename().string());
      }
    }
    return names_.contains(name);
  }

 private:
  ReadPicture ReadFile(const std::string& file) {
    const uint64_t size = std::filesystem::file_size(file, error_);
    if (error_) return {};
    if (images_.thumbnails.size() >= max_) {
      ++images_.left_out;
      return {};
    }
    absl::StatusOr<ImageFacts> facts = absl::InvalidArgumentError("");
    absl::StatusOr<std::string> thumbnail = facts.status();
    if (size <= reader_.limits().max_bytes) {
      std::ifstream stream(file, std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
      facts = reader_.Read(bytes);
      if (facts.ok()) thumbnail = reader_.Thumbnail(bytes, kReportThumbnail);
    }
    if (!thumbnail.ok()) {
      ++images_.unreadable;
      return {};
    }
    images_.thumbnails.push_back(*std::move(thumbnail));
    return {static_cast<int64_t>(images_.thumbnails.size()) - 1, facts->phash,
            facts->look};
  }

  std::error_code error_;
  const std::filesystem::path folder_;
  const size_t max_;
  ReportImages& images_;
  ImageReader reader_{{}};
  absl::flat_hash_map<std::string, ReadPicture> read_;
  bool listed_ = false;
  std::set<std::string> names_;
};

// The picture of before has the name of the current one, with another id.
std::optional<std::string> FileBefore(const ReportRun& run, size_t row,
                                      PictureFiles& files) {
  const std::string id(run.Value(row, "picture_id"));
  const std::string previous(run.Value(row, "previous_id"));
  const std::filesystem::path path(
      std::string(run.Value(row, kImagePathColumn)));
  const std::string stem = path.stem().string();
  if (previous.empty() || id.empty() || !absl::EndsWith(stem, id)) {
    return std::nullopt;
  }
  for (const absl::string_view ending : kEndings) {
    std::string name =
        absl::StrCat(stem.substr(0, stem.size() - id.size()), previous, ending);
    if (files.Has(name)) return (path.parent_path() / name).string();
  }
  return std::nullopt;
}

// Joins sets of equal pictures.
class Joined {
 public:
  explicit Joined(size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t Root(size_t of) {
    while (parent_[of] != of) of = parent_[of] = parent_[parent_[of]];
    return of;
  }
  void Join(size_t one, size_t other) { parent_[Root(one)] = Root(other); }

 private:
  std::vector<size_t> parent_;
};

// Compares each hash with each other: a second for 50,000 hashes.
std::vector<LookAlikes> GroupLookAlikes(
    const ReportRun& run,
    const std::vector<std::pair<size_t, ReadPicture>>& rows) {
  absl::flat_hash_map<uint64_t, size_t> places;
  std::vector<uint64_t> hashes;
  for (const auto& [row, picture] : rows) {
    if (places.try_emplace(picture.phash, hashes.size()).second) {
      hashes.push_back(picture.phash);
    }
  }
  Joined joined(hashes.size());
  for (size_t i = 0; i < hashes.size(); ++i) {
    for (size_t j = i + 1; j < hashes.size(); ++j) {
      if (std::popcount(hashes[i] ^ hashes[j]) <= kLookAlikeBits) {
        joined.Join(i, j);
      }
    }
  }
  absl::flat_hash_map<size_t, LookAlikes> groups;
  absl::flat_hash_set<std::pair<size_t, std::string>> listed;
  for (const auto& [row, picture] : rows) {
    const size_t root = joined.Root(places[picture.phash]);
    // A contact that is twice in the list shares no picture.
    const std::string jid(run.Value(row, "jid"));
    if (!jid.empty() && !listed.emplace(root, jid).second) continue;
    LookAlikes& group = groups[root];
    group.rows.push_back(row);
    group.look = picture.look;
  }
  std::vector<LookAlikes> shared;
  for (auto& [root, group] : groups) {
    if (group.rows.size() > 1) shared.push_back(std::move(group));
  }
  std::sort(shared.begin(), shared.end(), [](const auto& a, const auto& b) {
    return a.rows.size() != b.rows.size() ? a.rows.size() > b.rows.size()
                                          : a.rows[0] < b.rows[0];
  });
  return shared;
}

}  // namespace

ReportImages ReadReportImages(const ReportRun& run, const std::string& folder,
                              size_t max_pictures) {
  ReportImages images;
  images.pictures.assign(run.rows.size(), -1);
  if (folder.empty()) return images;
  PictureFiles files(folder, max_pictures, images);
  std::vector<std::pair<size_t, ReadPicture>> read;
  for (size_t row = 0; row < run.rows.size(); ++row) {
    const std::string path(run.Value(row, kImagePathColumn));
    if (path.empty()) continue;
    const ReadPicture picture = files.Read(path);
    if (picture.thumbnail < 0) continue;
    images.pictures[row] = picture.thumbnail;
    read.emplace_back(row, picture);
    const auto before = FileBefore(run, row, files);
    if (!before.has_value()) continue;
    const ReadPicture old = files.Read(*before);
    if (old.thumbnail >= 0) images.before[row] = old.thumbnail;
  }
  images.groups = GroupLookAlikes(run, read);
  return images;
}

}  // namespace portrait::cli
