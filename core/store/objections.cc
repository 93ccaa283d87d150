#include "core/store/objections.h"

#include "core/base/proto_time.h"

namespace portrait {

store::v1::Objection MakeObjection(absl::Span<const std::string> hashes,
                                   size_t index, absl::Time made_at) {
  store::v1::Objection objection;
  *objection.mutable_create_time() = ToProto(made_at);
  for (size_t i = 0; i < hashes.size(); ++i) {
    if (i != index) objection.add_others(hashes[i]);
  }
  return objection;
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
