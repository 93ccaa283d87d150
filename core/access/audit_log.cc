#include "core/access/audit_log.h"

#include <sodium.h>

#include <atomic>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/access/audit_copy.h"
#include "core/access/line_rates.h"
#include "core/access/rotated_file.h"
#include "core/base/json_text.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"

namespace portrait {
namespace {

constexpr char kKeyKey[] = "audit/key";
constexpr size_t kContactIdBytes = 16;
// How often the file is synced and checked for a move, and a failed write is
// tried again.
constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr absl::Duration kComplaintInterval = absl::Minutes(1);

absl::StatusOr<std::string> ReadOrMakeKey(KeyValueStore& store) {
  absl::StatusOr<std::string> key = store.Get(kKeyKey);
  if (!absl::IsNotFound(key.status())) return key;
  key = RandomBytes(crypto_auth_hmacsha256_KEYBYTES);
  RETURN_IF_ERROR(store.Put(kKeyKey, *key));
  return key;
}

void AppendMember(absl::string_view name, absl::string_view value,
                  std::string* line) {
  if (value.empty()) return;
  if (line->size() > 1) line->push_back(',');
  AppendJsonText(name, line);
  line->push_back(':');
  AppendJsonText(value, line);
}

class FileAuditLog final : public AuditLog {
 public:
  FileAuditLog(std::string key, AuditOptions options)
      : options_(std::move(options)),
        key_(std::move(key)),
        rates_(options_.tenant_lines_per_second),
        file_(options_.file,
              {options_.max_bytes, options_.max_age, options_.files}),
        copy_(options_.copy, options_.syslog_socket) {}
  ~FileAuditLog() override;

  absl::Status Start() {
    RETURN_IF_ERROR(file_.Open());
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  void Write(absl::string_view event, const Principal& caller,
             absl::Span<const Field> fields) override;
  void WriteLater(absl::string_view event, const Principal& caller,
                  size_t bytes, std::function<MadeFields()> make) override;
  std::string ContactId(absl::string_view jid) const override;
  bool Flush(absl::Duration timeout) override;
  uint64_t lost() const override { return lost_; }

 private:
  // Complete lines, followed by one line whose last fields are still to be
  // made.
  struct Waiting {
    std::string lines;
    std::string begun;
    std::function<MadeFields()> make;  // null: no such line
  };

  // Whether the thread has work.
  bool HasWorkLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return stopping_ || !waiting_.empty();
  }
  void Run();
  // Moves the waiting lines into `writing_`; false: the thread must end.
  bool TakeWaiting();
  absl::Status WriteOut();
  void Complain(const absl::Status& status);
  std::string StartLine(absl::string_view event) const;
  std::string StartLine(absl::string_view event, const Principal& caller) const;
  // Returns false if the tenant has recently written too many lines, or if
  // there is no room; the line is then lost.
  bool AdmitLocked(const Principal& caller, size_t bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Returns the lines that report the number of lost lines; empty if none were
  // lost.
  std::string TakeGapsLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  static std::string MakeLines(std::vector<Waiting> waiting);

  const AuditOptions options_;
  const std::string key_;
  std::atomic<uint64_t> lost_ = 0;

  absl::Mutex mu_;
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t lost_since_ ABSL_GUARDED_BY(mu_) = 0;
  LineRates rates_ ABSL_GUARDED_BY(mu_);
  absl::Time last_gaps_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  uint64_t queued_ ABSL_GUARDED_BY(mu_) = 0;  // bytes since the start
  // Bytes of queued_ that are on the disk.
  uint64_t synced_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  // The members below are used by the thread only.
  RotatedFile file_;
  AuditCopy copy_;
  std::string writing_;
  size_t written_ = 0;  // bytes of `writing_` that are in the file
  absl::Time last_complaint_ = absl::InfinitePast();
  absl::Time last_look_ = absl::InfinitePast();
  std::thread thread_;
};

FileAuditLog::~FileAuditLog() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

std::string FileAuditLog::StartLine(absl::string_view event) const {
  std::string line = "{";
  AppendMember("time", JsonTime(options_.clock()), &line);
  AppendMember("event", event, &line);
  return line;
}

std::string FileAuditLog::StartLine(absl::string_view event,
                                    const Principal& caller) const {
  std::string line = StartLine(event);
  AppendMember("tenant", caller.tenant, &line);
  AppendMember("token", caller.token_id, &line);
  return line;
}

bool FileAuditLog::AdmitLocked(const Principal& caller, size_t bytes) {
  if (!rates_.Admit(caller.tenant, options_.clock())) {
    ++lost_;
    return false;
  }
  // If a line was lost, the line that reports the gap must come first.
  if (lost_since_ > 0 || waiting_bytes_ + bytes > options_.max_waiting_bytes) {
    ++lost_since_;
    ++lost_;
    return false;
  }
  waiting_bytes_ += bytes;
  queued_ += bytes;
  return true;
}

void FileAuditLog::Write(absl::string_view event, const Principal& caller,
                         absl::Span<const Field> fields) {
  std::string line = StartLine(event, caller);
  for (const auto& [name, value] : fields) AppendMember(name, value, &line);
  line += "}\n";
  absl::MutexLock lock(&mu_);
  if (!AdmitLocked(caller, line.size())) return;
  if (waiting_.empty() || waiting_.back().make != nullptr) {
    waiting_.emplace_back();
  }
  waiting_.back().lines += line;
}

void FileAuditLog::WriteLater(absl::string_view event, const Principal& caller,
                              size_t bytes, std::function<MadeFields()> make) {
  std::string begun = StartLine(event, caller);
  absl::MutexLock lock(&mu_);
  if (!AdmitLocked(caller, begun.size() + bytes)) return;
  if (waiting_.empty() || waiting_.back().make != nullptr) {
    waiting_.emplace_back();
  }
  waiting_.back().begun = std::move(begun);
  waiting_.back().make = std::move(make);
}

std::string FileAuditLog::ContactId(absl::string_view jid) const {
  unsigned char hash[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256(
      hash, reinterpret_cast<const unsigned char*>(jid.data()), jid.size(),
      reinterpret_cast<const unsigned char*>(key_.data()));
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(hash), kContactIdBytes));
}

bool FileAuditLog::Flush(absl::Duration timeout) {
  absl::MutexLock lock(&mu_);
  const uint64_t wanted = queued_;
  const auto is_done = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return synced_ >= wanted && lost_since_ == 0 && !rates_.has_lost();
  };
  return mu_.AwaitWithTimeout(absl::Condition(&is_done), timeout);
}

// ---- the thread ------------------------------------------------------------

void FileAuditLog::Run() {
  while (TakeWaiting()) {
    const absl::Status status = WriteOut();
    if (status.ok()) continue;
    Complain(status);
    // The disk may be full: try again later, together with new lines.
    absl::MutexLock lock(&mu_);
    mu_.AwaitWithTimeout(absl::Condition(&stopping_), kInterval);
    if (stopping_) {
      LogError(
          "audit log: {} bytes of lines were not written before the shutdown",
          writing_.size() - written_ + waiting_bytes_);
      return;
    }
  }
}

bool FileAuditLog::TakeWaiting() {
  std::vector<Waiting> taken;
  std::string gap;
  {
    absl::MutexLock lock(&mu_);
    // The disk did not take all of it.
    if (written_ < writing_.size()) return true;
    const auto has_work = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return HasWorkLocked();
    };
    mu_.AwaitWithTimeout(absl::Condition(&has_work), kInterval);
    if (stopping_ && waiting_.empty() && lost_since_ == 0 &&
        !rates_.has_lost()) {
      return false;
    }
    taken.swap(waiting_);
    waiting_bytes_ = 0;
    gap = TakeGapsLocked();
    queued_ += gap.size();
  }
  writing_ = MakeLines(std::move(taken)) + gap;
  written_ = 0;
  copy_.Write(writing_);
  return true;
}

std::string FileAuditLog::TakeGapsLocked() {
  std::string gaps;
  const auto append = [&](absl::string_view tenant, uint64_t lost) {
    std::string line = StartLine("gap");
    AppendMember("tenant", tenant, &line);
    absl::StrAppend(&gaps, line, ",\"lost\":", lost, "}\n");
  };
  if (lost_since_ > 0) append("", lost_since_);
  lost_since_ = 0;
  const absl::Time now = absl::Now();
  if (!rates_.has_lost() || (now - last_gaps_ < kInterval && !stopping_)) {
    return gaps;
  }
  last_gaps_ = now;
  for (const auto& [tenant, lost] : rates_.TakeLost(options_.clock())) {
    append(tenant, lost);
  }
  return gaps;
}

std::string FileAuditLog::MakeLines(std::vector<Waiting> waiting) {
  std::string lines;
  for (Waiting& part : waiting) {
    lines += part.lines;
    if (part.make == nullptr) continue;
    for (const auto& [name, value] : part.make()) {
      AppendMember(name, value, &part.begun);
    }
    absl::StrAppend(&lines, part.begun, "}\n");
  }
  return lines;
}

absl::Status FileAuditLog::WriteOut() {
  const absl::Time now = absl::Now();
  if (now - last_look_ >= kInterval) {
    RETURN_IF_ERROR(file_.Look(options_.clock()));
    last_look_ = now;
  }
  if (written_ < writing_.size()) {
    size_t written = 0;
    const absl::Status status =
        file_.Append(absl::string_view(writing_).substr(written_), &written);
    written_ += written;
    RETURN_IF_ERROR(status);
  }
  RETURN_IF_ERROR(file_.Sync());
  absl::MutexLock lock(&mu_);
  synced_ = queued_ - waiting_bytes_;
  return absl::OkStatus();
}

void FileAuditLog::Complain(const absl::Status& status) {
  const absl::Time now = absl::Now();
  if (now - last_complaint_ < kComplaintInterval) return;
  last_complaint_ = now;
  LogError("audit log: {}", status.ToString());
}

}  // namespace

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(KeyValueStore& store,
                                                         AuditOptions options) {
  ASSIGN_OR_RETURN(std::string key, ReadOrMakeKey(store));
  if (key.size() != crypto_auth_hmacsha256_KEYBYTES) {
    return absl::DataLossError("audit log: its stored key is unreadable");
  }
  auto log = std::make_unique<FileAuditLog>(std::move(key), std::move(options));
  RETURN_IF_ERROR(log->Start());
  return log;
}

}  // namespace portrait
