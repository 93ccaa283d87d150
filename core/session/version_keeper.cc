#include "core/session/version_keeper.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/steady_time.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

using whatsapp::ClientVersion;

// WhatsApp Web's revision grows by about 40 million per year. A number further
// ahead than this is not a revision.
constexpr uint32_t kMaxRevisionsAhead = 1'000'000'000;

bool IsNewer(const ClientVersion& a, const ClientVersion& b) {
  return std::tie(a.primary, a.secondary, a.tertiary) >
         std::tie(b.primary, b.secondary, b.tertiary);
}

std::optional<ClientVersion> ReadVersion(const std::string& file) {
  std::string line;
  std::ifstream stream(file);
  if (file.empty() || !std::getline(stream, line)) return std::nullopt;
  const absl::StatusOr<ClientVersion> version =
      whatsapp::ParseClientVersion(absl::StripTrailingAsciiWhitespace(line));
  if (!version.ok()) return std::nullopt;
  return *version;
}

// If the version cannot be saved, it is fetched again later.
void WriteVersion(const std::string& file, const ClientVersion& version) {
  const std::string temporary = absl::StrCat(file, ".new");
  std::ofstream stream(temporary, std::ios::trunc);
  stream << version.ToString() << '\n';
  stream.close();
  if (!stream.good() || std::rename(temporary.c_str(), file.c_str()) != 0) {
    LogWarning("could not store the client version in {}", file);
  }
}

}  // namespace

VersionKeeper::VersionKeeper(Options options)
    : options_(std::move(options)), version_(options_.at_least) {
  if (!keeps_up()) return;
  const std::optional<ClientVersion> kept = ReadVersion(options_.file);
  if (kept.has_value() && IsNewer(*kept, version_)) version_ = *kept;
  thread_ = std::thread([this] { Run(); });
}

VersionKeeper::~VersionKeeper() {
  stopping_ = true;
  {
    absl::MutexLock lock(&mu_);
    on_newer_ = nullptr;
    wanted_ = true;  // wakes the thread
    next_ask_ = absl::InfinitePast();
  }
  if (thread_.joinable()) thread_.join();
}

ClientVersion VersionKeeper::Get() {
  absl::MutexLock lock(&mu_);
  wanted_ = true;
  return version_;
}

bool VersionKeeper::OnRefused(const ClientVersion& version) {
  absl::MutexLock lock(&mu_);
  if (IsNewer(version_, version)) return true;
  if (!std::exchange(refused_, true)) {
    next_ask_ = std::min(next_ask_, last_asked_ + options_.retry_interval);
  }
  return false;
}

void VersionKeeper::SetOnNewer(std::function<void()> on_newer) {
  absl::MutexLock lock(&mu_);
  on_newer_ = std::move(on_newer);
}

bool VersionKeeper::IsDueLocked() const {
  return (wanted_ || refused_) && SteadyNow() >= next_ask_;
}

void VersionKeeper::Run() {
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return wanted_ || refused_;
      };
      mu_.Await(absl::Condition(&wanted));
      const absl::Time due = next_ask_;
      const auto sooner = [this, due]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return next_ask_ < due;
      };
      mu_.AwaitWithTimeout(absl::Condition(&sooner), due - SteadyNow());
      if (stopping_) return;
      if (!IsDueLocked()) continue;
      wanted_ = false;
      last_asked_ = SteadyNow();
    }
    const absl::StatusOr<uint32_t> revision =
        FetchClientRevision(options_.page, stopping_);
    if (stopping_) return;
    if (revision.ok()) {
      Raise(*revision);
    } else {
      LogWarning("client version: {}", revision.status().ToString());
    }
    absl::MutexLock lock(&mu_);
    // `stopping_` is checked again with the lock held, because the lines below
    // would undo the destructor's wake-up.
    if (stopping_) return;
    if (!revision.ok()) wanted_ = true;
    next_ask_ =
        last_asked_ + (revision.ok() && !refused_ ? options_.interval
                                                  : options_.retry_interval);
  }
}

void VersionKeeper::Raise(uint32_t revision) {
  ClientVersion newer;
  {
    absl::MutexLock lock(&mu_);
    newer = version_;
    newer.tertiary = revision;
    if (!IsNewer(newer, version_) ||
        revision - version_.tertiary > kMaxRevisionsAhead) {
      LogInfo("client version: keeping {}; the page has revision {}",
              version_.ToString(), revision);
      return;
    }
    version_ = newer;
    refused_ = false;
  }
  LogInfo("client version: now {}", newer.ToString());
  if (!options_.file.empty()) WriteVersion(options_.file, newer);
  std::function<void()> on_newer;
  {
    absl::MutexLock lock(&mu_);
    on_newer = on_newer_;
  }
  if (on_newer) on_newer();
}

}  // namespace portrait
