#include "core/store/objections.h"

#include "core/base/proto_time.h"

namespace portrait {

std::vector<HashedObjection> MakeObjections(
    absl::Span<const std::string> jids, absl::string_view other,
    absl::FunctionRef<std::string(absl::string_view jid)> hash_of,
    absl::Time made_at) {
  std::vector<std::string> hashes;
  for (const std::string& jid : jids) hashes.push_back(hash_of(jid));
  if (!other.empty()) hashes.push_back(hash_of(other));
  std::vector<HashedObjection> objections(jids.size());
  for (size_t i = 0; i < jids.size(); ++i) {
    objections[i].hash = hashes[i];
    store::v1::Objection& objection = objections[i].objection;
    *objection.mutable_create_time() = ToProto(made_at);
    for (size_t j = 0; j < hashes.size(); ++j) {
      if (j != i) objection.add_others(hashes[j]);
    }
  }
  return objections;
}

StoredObjection ToStoredObjection(absl::string_view id,
                                  absl::string_view value) {
  StoredObjection stored;
  stored.id = std::string(id);
  store::v1::Objection objection;
  if (objection.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
      objection.has_create_time()) {
    stored.made_at = FromProto(objection.create_time());
  }
  return stored;
}

void ObjectionLinks::Add(absl::string_view id, absl::string_view value) {
  entries_.insert(std::string(id));
  store::v1::Objection objection;
  if (!objection.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return;
  }
  for (const std::string& other : objection.others()) {
    links_[std::string(id)].push_back(other);
    links_[other].emplace_back(id);
  }
}

std::vector<std::string> ObjectionLinks::SameContactAs(
    absl::string_view id) const {
  std::vector<std::string> found;
  absl::flat_hash_set<std::string> seen = {std::string(id)};
  std::vector<std::string> next = {std::string(id)};
  while (!next.empty()) {
    const std::string current = std::move(next.back());
    next.pop_back();
    if (entries_.contains(current)) found.push_back(current);
    const auto links = links_.find(current);
    if (links == links_.end()) continue;
    for (const std::string& other : links->second) {
      if (seen.insert(other).second) next.push_back(other);
    }
  }
  return found;
}

}  // namespace portrait
