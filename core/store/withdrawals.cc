#include "core/store/withdrawals.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"
#include "core/store/picture_store.h"
#include "core/store/rocksdb_database.h"
#include "core/store/rocksdb_status.h"
#include "core/store/suppression.h"

namespace portrait {
namespace {

// core/access stores a token under this prefix and its digest in hexadecimal.
constexpr absl::string_view kTokenPrefix = "token/";
constexpr absl::string_view kTokenWord = "token";
constexpr absl::string_view kObjectionWord = "objection";
constexpr absl::string_view kRemovedWord = "removed";

using Set = absl::flat_hash_set<std::string>;

struct List {
  Set access_keys;
  // Hashes of contacts. If a contact has lines of both kinds, its last line
  // decides which set contains its hash.
  Set objections, removed;
};

// One write call, so that lines of several threads do not mix.
absl::Status Append(const std::string& path, const std::string& lines) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                      S_IRUSR | S_IWUSR);
  if (fd < 0) return ErrnoError("cannot open", path);
  const absl::Cleanup close_file = [fd] { close(fd); };
  if (write(fd, lines.data(), lines.size()) !=
          static_cast<ssize_t>(lines.size()) ||
      fsync(fd) != 0) {
    return ErrnoError("cannot write", path);
  }
  return absl::OkStatus();
}

absl::Status NoteHashes(const std::string& store_folder, absl::string_view word,
                        const std::vector<std::string>& hashes) {
  std::string lines;
  for (const std::string& hash : hashes) {
    absl::StrAppend(&lines, word, " ", absl::BytesToHexString(hash), "\n");
  }
  return Append(WithdrawalsFile(store_folder), lines);
}

// A crash may leave an incomplete last line, which was never acknowledged.
absl::StatusOr<List> Read(const std::string& path) {
  List list;
  std::ifstream file(path);
  if (!file) return ErrnoError("cannot open", path);
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    const std::pair<absl::string_view, absl::string_view> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (words.first == kTokenWord) {
      list.access_keys.insert(absl::StrCat(kTokenPrefix, words.second));
    } else if (words.first == kObjectionWord) {
      const std::string hash = absl::HexStringToBytes(words.second);
      list.objections.insert(hash);
      list.removed.erase(hash);
    } else if (words.first == kRemovedWord) {
      const std::string hash = absl::HexStringToBytes(words.second);
      list.objections.erase(hash);
      list.removed.insert(hash);
    } else {
      return absl::DataLossError(absl::StrCat(
          path, ": a line describes neither a token nor an objection"));
    }
  }
  return list;
}

// Writes the hashes, and returns the stored contacts that objected.
absl::StatusOr<std::vector<std::string>> MergeObjections(
    const std::string& store_folder, const List& list) {
  ASSIGN_OR_RETURN(const std::shared_ptr<RocksDbDatabase> database,
                   RocksDbDatabase::Open(store_folder, RocksDbOptions(),
                                         rocksdb::Env::Default()));
  ASSIGN_OR_RETURN(const std::optional<std::string> key,
                   database->Read(Family::kMeta, kSuppressionKeyKey));
  const SuppressionHasher hasher(key.value_or(""));
  rocksdb::WriteBatch batch;
  for (const std::string& hash : list.objections) {
    // The entry in the backup has more data than the hash, so it is kept.
    ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                     database->Read(Family::kSuppressed, hash));
    if (stored.has_value()) continue;
    batch.Put(database->family(Family::kSuppressed), hash, "");
  }
  for (const std::string& hash : list.removed) {
    batch.Delete(database->family(Family::kSuppressed), hash);
  }
  RETURN_IF_ERROR(
      database->Write(batch, StoreSync::kBatch, "restoring objections"));
  std::vector<std::string> stored;
  const std::unique_ptr<rocksdb::Iterator> contact(database->db().NewIterator(
      rocksdb::ReadOptions(), database->family(Family::kContacts)));
  for (contact->SeekToFirst(); contact->Valid(); contact->Next()) {
    const absl::string_view jid = ToView(contact->key());
    if (list.objections.contains(hasher.Hash(jid))) stored.emplace_back(jid);
  }
  RETURN_IF_ERROR(
      FromRocksDb(contact->status(), "reading the contacts that objected"));
  return stored;
}

}  // namespace

std::string WithdrawalsFile(const std::string& store_folder) {
  return absl::StrCat(store_folder, ".withdrawn");
}

absl::Status NoteRevokedToken(const std::string& store_folder,
                              absl::string_view access_key) {
  if (!absl::ConsumePrefix(&access_key, kTokenPrefix)) return absl::OkStatus();
  return Append(WithdrawalsFile(store_folder),
                absl::StrCat(kTokenWord, " ", access_key, "\n"));
}

absl::Status NoteObjections(const std::string& store_folder,
                            const std::vector<std::string>& hashes) {
  return NoteHashes(store_folder, kObjectionWord, hashes);
}

absl::Status NoteRemovedObjections(const std::string& store_folder,
                                   const std::vector<std::string>& hashes) {
  return NoteHashes(store_folder, kRemovedWord, hashes);
}

absl::StatusOr<Withdrawn> ApplyWithdrawals(const std::string& store_folder) {
  Withdrawn withdrawn;
  const std::string path = WithdrawalsFile(store_folder);
  if (access(path.c_str(), F_OK) != 0) return withdrawn;
  withdrawn.is_known = true;
  ASSIGN_OR_RETURN(const List list, Read(path));
  ASSIGN_OR_RETURN(const std::vector<std::string> jids,
                   MergeObjections(store_folder, list));
  ASSIGN_OR_RETURN(const Stores stores,
                   OpenRocksDbStores(store_folder, RocksDbOptions()));
  for (const std::string& jid : jids) {
    RETURN_IF_ERROR(stores.pictures->Forget(jid, /*suppress=*/true).status());
    ++withdrawn.contacts;
  }
  for (const std::string& key : list.access_keys) {
    if (absl::IsNotFound(stores.access->Get(key).status())) continue;
    RETURN_IF_ERROR(stores.access->Delete(key));
    ++withdrawn.tokens;
  }
  return withdrawn;
}

}  // namespace portrait
