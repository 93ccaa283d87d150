#include "core/cluster/cluster_key_value_store.h"

namespace portrait::cluster {

LogEntry ClusterKeyValueStore::EntryOf(absl::string_view key) const {
  LogEntry entry;
  entry.kind = kind_;
  entry.id = std::string(key);
  return entry;
}

absl::Status ClusterKeyValueStore::Put(absl::string_view key,
                                       absl::string_view value) {
  LogEntry entry = EntryOf(key);
  entry.value = std::string(value);
  return log_.Write({std::move(entry)});
}

absl::Status ClusterKeyValueStore::PutAll(
    absl::Span<const std::pair<std::string, std::string>> entries) {
  std::vector<LogEntry> messages;
  messages.reserve(entries.size());
  for (const auto& [key, value] : entries) {
    messages.push_back(EntryOf(key));
    messages.back().value = value;
  }
  return log_.Write(std::move(messages));
}

absl::Status ClusterKeyValueStore::Delete(absl::string_view key) {
  LogEntry entry = EntryOf(key);
  entry.is_erased = true;
  return log_.Write({std::move(entry)});
}

}  // namespace portrait::cluster
