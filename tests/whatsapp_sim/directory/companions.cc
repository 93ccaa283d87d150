#include "tests/whatsapp_sim/directory/companions.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/crypto.h"
#include "tests/whatsapp_sim/directory/data_files.h"

namespace portrait::sim {
namespace {

// A device number has one byte in a JID; 0 is the phone.
constexpr uint32_t kLastDevice = 255;
constexpr char kExtension[] = ".companion";

absl::StatusOr<state::StoredCompanion> ReadCompanion(const std::string& path) {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, ReadFile(path));
  state::StoredCompanion companion;
  if (!bytes.has_value() || !companion.ParseFromString(*bytes) ||
      companion.noise_key().size() != whatsapp::kKeyBytes ||
      companion.device() == 0 || companion.device() > kLastDevice) {
    return absl::DataLossError(absl::StrCat(path, " holds no companion"));
  }
  return companion;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Companions>> Companions::Open(
    std::string folder) {
  RETURN_IF_ERROR(MakeFolder(folder));
  auto companions = absl::WrapUnique(new Companions(folder));
  std::error_code error;
  absl::MutexLock lock(&companions->mu_);
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != kExtension) continue;
    ASSIGN_OR_RETURN(state::StoredCompanion stored,
                     ReadCompanion(entry.path().string()));
    const std::pair<uint64_t, uint32_t> key(stored.number(), stored.device());
    uint32_t& last = companions->last_device_[key.first];
    last = std::max(last, key.second);
    companions->companions_[key] =
        std::make_shared<Companion>(std::move(stored));
  }
  return companions;
}

std::string Companions::PathOf(const Companion& companion) const {
  return absl::StrCat(folder_, "/", companion.number(), ".",
                      companion.identity().device(), kExtension);
}

absl::StatusOr<uint32_t> Companions::AllotDevice(uint64_t number) {
  absl::MutexLock lock(&mu_);
  uint32_t& last = last_device_[number];
  for (uint32_t tried = 0; tried < kLastDevice; ++tried) {
    last = last == kLastDevice ? 1 : last + 1;
    if (!companions_.contains({number, last})) return last;
  }
  return absl::ResourceExhaustedError("the account has no device number left");
}

absl::StatusOr<std::shared_ptr<Companion>> Companions::Link(
    state::StoredCompanion companion) {
  auto linked = std::make_shared<Companion>(std::move(companion));
  absl::MutexLock files_lock(&files_mu_);
  RETURN_IF_ERROR(Write(*linked));
  absl::MutexLock lock(&mu_);
  companions_[{linked->number(), linked->identity().device()}] = linked;
  return linked;
}

void Companions::Unlink(const Companion& companion) {
  absl::MutexLock files_lock(&files_mu_);
  {
    absl::MutexLock lock(&mu_);
    companions_.erase({companion.number(), companion.identity().device()});
  }
  std::error_code ignored;
  std::filesystem::remove(PathOf(companion), ignored);
}

absl::Status Companions::Save(const Companion& companion) {
  absl::MutexLock files_lock(&files_mu_);
  const auto linked = Find(companion.number(), companion.identity().device());
  if (linked.get() != &companion) return absl::OkStatus();
  return Write(companion);
}

absl::Status Companions::Write(const Companion& companion) {
  return WriteFile(PathOf(companion), companion.Snapshot().SerializeAsString());
}

std::shared_ptr<Companion> Companions::Find(uint64_t number,
                                            uint32_t device) const {
  absl::MutexLock lock(&mu_);
  const auto it = companions_.find({number, device});
  return it == companions_.end() ? nullptr : it->second;
}

std::vector<std::shared_ptr<Companion>> Companions::FindAll() const {
  absl::MutexLock lock(&mu_);
  std::vector<std::shared_ptr<Companion>> all;
  for (const auto& [key, companion] : companions_) all.push_back(companion);
  return all;
}

std::vector<std::shared_ptr<Companion>> Companions::FindAllOf(
    uint64_t number) const {
  absl::MutexLock lock(&mu_);
  std::vector<std::shared_ptr<Companion>> found;
  const auto end =
      companions_.upper_bound({number, std::numeric_limits<uint32_t>::max()});
  for (auto it = companions_.lower_bound({number, 0}); it != end; ++it) {
    found.push_back(it->second);
  }
  return found;
}

}  // namespace portrait::sim
