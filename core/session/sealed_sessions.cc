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
        " linked accounts are encrypted with it: restore the file. If it is "
        "lost, portraitd --forget-accounts erases these accounts"));
  }
  keys = MakeSealKeys();
  RETURN_IF_ERROR(WriteKeyFile(key_file, *keys));
  LogInfo("created {}: without it the linked accounts cannot be read",
          key_file);
  return keys;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SealedSessions>> SealedSessions::Open(
    KeyValueStore& storage, std::string key_file) {
  ASSIGN_OR_RETURN(SealKeys keys, ReadOrMakeKeys(storage, key_file));
  auto sessions = absl::WrapUnique(
      new SealedSessions(storage, std::move(key_file), std::move(keys)));
  absl::MutexLock rotation(&sessions->rotation_mu_);
  if (sessions->HasFormerKeys()) {
    RETURN_IF_ERROR(sessions->SealAgain().status());
    // A read-only file keeps its former keys, which does no harm.
    const absl::Status dropped = sessions->DropFormerKeys();
    if (!dropped.ok()) LogWarning("sessions: {}", dropped.ToString());
  }
  return sessions;
}

absl::StatusOr<std::vector<Account>> SealedSessions::LoadAll() {
  absl::MutexLock lock(&mu_);
  ASSIGN_OR_RETURN(const Entries stored, storage_.List(""));
  std::vector<Account> accounts;
  accounts.reserve(stored.size());
  Entries renewed;
  for (const auto& [name, record] : stored) {
    const absl::StatusOr<Secret> opened = OpenSealed(keys_, name, record);
    if (!opened.ok()) return WithKeyFile(opened.status());
    absl::StatusOr<ParsedAccount> parsed = ParseAccount(name, *opened);
    if (!parsed.ok()) return WithKeyFile(parsed.status());
    if (parsed->version < kAccountVersion) {
      renewed.emplace_back(
          name, Seal(keys_.current, name, SerializeAccount(parsed->account)));
    }
    accounts.push_back(std::move(parsed->account));
  }
  if (!renewed.empty()) {
    RETURN_IF_ERROR(storage_.PutAll(renewed));
    LogInfo("sessions: migrated {} accounts to version {}", renewed.size(),
            kAccountVersion);
  }
  std::sort(accounts.begin(), accounts.end(),
            [](const Account& a, const Account& b) { return a.name < b.name; });
  return accounts;
}

absl::Status SealedSessions::Save(const Account& account) {
  absl::MutexLock lock(&mu_);
  return storage_.Put(account.name, Seal(keys_.current, account.name,
                                         SerializeAccount(account)));
}

absl::Status SealedSessions::Erase(const std::string& name) {
  absl::MutexLock lock(&mu_);
  const absl::Status erased = storage_.Delete(name);
  return absl::IsNotFound(erased) ? absl::OkStatus() : erased;
}

// ---- changing keys ---------------------------------------------------------

absl::StatusOr<size_t> SealedSessions::RotateKey() {
  if (storage_.is_shared()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the accounts are sealed with the cluster's key ", key_file_,
        ", of which each node has a copy; it cannot be replaced"));
  }
  absl::MutexLock rotation(&rotation_mu_);
  // 1. Complete an interrupted rotation: a file holds a limited number of keys.
  if (HasFormerKeys()) {
    RETURN_IF_ERROR(SealAgain().status());
    RETURN_IF_ERROR(DropFormerKeys());
  }
  // 2. Write the new key beside the old one.
  RETURN_IF_ERROR(AddKey());
  // 3. Seal all accounts under the new key.
  ASSIGN_OR_RETURN(const size_t accounts, SealAgain());
  // 4. Remove the old key.
  RETURN_IF_ERROR(DropFormerKeys());
  LogInfo("sessions: {} accounts are encrypted with a new key", accounts);
  return accounts;
}

bool SealedSessions::HasFormerKeys() {
  absl::MutexLock lock(&mu_);
  return !keys_.former.empty();
}

absl::Status SealedSessions::AddKey() {
  absl::MutexLock lock(&mu_);
  SealKeys keys = MakeSealKeys();
  keys.former.push_back(keys_.current);
  RETURN_IF_ERROR(WriteKeyFile(key_file_, keys));
  keys_ = std::move(keys);
  return absl::OkStatus();
}

absl::StatusOr<size_t> SealedSessions::SealAgain() {
  size_t accounts = 0;
  {
    absl::MutexLock lock(&mu_);
    ASSIGN_OR_RETURN(accounts, SealAgainLocked());
  }
  // Scrub runs without the lock, because it takes long and accounts may be
  // saved meanwhile.
  RETURN_IF_ERROR(storage_.Scrub());
  return accounts;
}

// Seals all accounts in one write.
absl::StatusOr<size_t> SealedSessions::SealAgainLocked() {
  ASSIGN_OR_RETURN(Entries entries, storage_.List(""));
  for (auto& [name, record] : entries) {
    const absl::StatusOr<Secret> secret = OpenSealed(keys_, name, record);
    if (!secret.ok()) return WithKeyFile(secret.status());
    record = Seal(keys_.current, name, *secret);
  }
  RETURN_IF_ERROR(storage_.PutAll(entries));
  return entries.size();
}

absl::Status SealedSessions::DropFormerKeys() {
  absl::MutexLock lock(&mu_);
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
