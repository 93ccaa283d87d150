#include "core/session/sealed_sessions.h"

#include <algorithm>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/session/session_keys.h"

namespace portrait {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

absl::StatusOr<SealKeys> ReadOrMakeKeys(KeyValueStore& storage,
                                        const std::string& key_file) {
  absl::StatusOr<SealKeys> keys = ReadKeyFile(key_file);
  if (!absl::IsNotFound(keys.status())) return keys;
  ASSIGN_OR_RETURN(const Entries stored, storage.List(""));
  if (!stored.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "key file ", key_file, " is missing, and ", stored.size(),
        " linked accounts are sealed under it: put it back. If it is lost, "
        "portraitd --forget-accounts erases what it sealed"));
  }
  keys = MakeSealKeys();
  RETURN_IF_ERROR(WriteKeyFile(key_file, *keys));
  LogInfo("made {}: without it the linked accounts cannot be read", key_file);
  return keys;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SealedSessions>> SealedSessions::Open(
    KeyValueStore& storage, std::string key_file) {
  ASSIGN_OR_RETURN(SealKeys keys, ReadOrMakeKeys(storage, key_file));
  auto sessions = absl::WrapUnique(
      new SealedSessions(storage, std::move(key_file), std::move(keys)));
  absl::MutexLock lock(&sessions->mu_);
  if (!sessions->keys_.former.empty()) {
    RETURN_IF_ERROR(sessions->SealAgainLocked().status());
    // A file that we may only read keeps its former keys; they do no harm.
    const absl::Status dropped = sessions->DropFormerKeysLocked();
    if (!dropped.ok()) LogWarning("sessions: {}", dropped.ToString());
  }
  return sessions;
}

absl::StatusOr<std::vector<SealedSessions::Account>> SealedSessions::LoadAll() {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const Entries stored, storage_.List(""));
  std::vector<Account> accounts;
  accounts.reserve(stored.size());
  for (const auto& [name, record] : stored) {
    absl::StatusOr<whatsapp::Device> device =
        OpenSealedDevice(keys_, name, record);
    if (!device.ok()) return WithKeyFile(device.status());
    accounts.push_back({name, *std::move(device)});
  }
  std::sort(accounts.begin(), accounts.end(),
            [](const Account& a, const Account& b) { return a.name < b.name; });
  return accounts;
}

absl::Status SealedSessions::Save(const std::string& name,
                                  const whatsapp::Device& device) {
  absl::MutexLock lock(&mu_);
  return storage_.Put(name, SealDevice(keys_.current, name, device));
}

absl::Status SealedSessions::Erase(const std::string& name) {
  absl::MutexLock lock(&mu_);
  const absl::Status erased = storage_.Delete(name);
  return absl::IsNotFound(erased) ? absl::OkStatus() : erased;
}

absl::StatusOr<size_t> SealedSessions::RotateKey() {
  absl::MutexLock lock(&mu_);
  // 1. Both keys are on the disk.
  SealKeys keys = MakeSealKeys();
  keys.former.push_back(keys_.current);
  keys.former.insert(keys.former.end(), keys_.former.begin(),
                     keys_.former.end());
  RETURN_IF_ERROR(WriteKeyFile(key_file_, keys));
  keys_ = std::move(keys);
  // 2. All accounts are sealed under the new one, in one write.
  ASSIGN_OR_RETURN(const size_t accounts, SealAgainLocked());
  // 3. The old one goes.
  RETURN_IF_ERROR(DropFormerKeysLocked());
  LogInfo("sessions: {} accounts are sealed under a new key", accounts);
  return accounts;
}

absl::StatusOr<size_t> SealedSessions::SealAgainLocked() {
  ASSIGN_OR_RETURN(Entries entries, storage_.List(""));
  for (auto& [name, record] : entries) {
    const absl::StatusOr<Secret> secret = OpenSealed(keys_, name, record);
    if (!secret.ok()) return WithKeyFile(secret.status());
    record = Seal(keys_.current, name, *secret);
  }
  RETURN_IF_ERROR(storage_.PutAll(entries));
  RETURN_IF_ERROR(storage_.Scrub());
  return entries.size();
}

absl::Status SealedSessions::DropFormerKeysLocked() {
  SealKeys keys;
  keys.current = keys_.current;
  RETURN_IF_ERROR(WriteKeyFile(key_file_, keys));
  keys_ = std::move(keys);
  return absl::OkStatus();
}

absl::Status SealedSessions::WithKeyFile(const absl::Status& status) const {
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(), " (key file ", key_file_, ")"));
}

}  // namespace portrait
