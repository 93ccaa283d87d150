#include "tests/whatsapp_sim/protocol/dirty_bits.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/whatsapp_sim/protocol/rules.h"

namespace portrait::sim {

using whatsapp::MakeNode;
using whatsapp::Node;

void DirtyBits::Set(absl::string_view type, uint64_t unix_seconds) {
  uint64_t& held = bits_[std::string(type)];
  held = std::max(held, unix_seconds);
  told_.emplace(type);
}

std::vector<Node> DirtyBits::Stanzas() const {
  std::vector<Node> stanzas;
  for (const auto& [type, since] : bits_) {
    stanzas.push_back(MakeNode(
        "dirty", {{"type", type}, {"timestamp", absl::StrCat(since)}}));
  }
  return stanzas;
}

absl::Status DirtyBits::Clear(const Node& clean) {
  const std::string type = clean.AttributeOr("type");
  if (told_.count(type) == 0) {
    return Broken(Rule::kDirty, absl::StrCat("type ", type, " was never sent"));
  }
  const auto bit = bits_.find(type);
  if (bit == bits_.end()) return absl::OkStatus();
  if (clean.Attribute("timestamp").has_value()) {
    const std::optional<uint64_t> until = clean.NumberAttribute("timestamp");
    if (!until.has_value() || *until > bit->second) {
      return Broken(Rule::kDirty, absl::StrCat("the timestamp of ", type));
    }
    if (*until < bit->second) return absl::OkStatus();
  }
  bits_.erase(bit);
  return absl::OkStatus();
}

}  // namespace portrait::sim
