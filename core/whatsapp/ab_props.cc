#include "core/whatsapp/ab_props.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "core/base/status_macros.h"
#include "core/whatsapp/queries.h"

namespace portrait::whatsapp {
namespace {

constexpr uint64_t kTokenWithPicture = 9666;
constexpr uint64_t kTokenWithTime = 4992;
constexpr uint64_t kTokenBucket = 865;
constexpr uint64_t kTokenBuckets = 909;

// The longest bucket that WhatsApp Web accepts.
constexpr uint32_t kMaxBucketSeconds = 180 * 24 * 60 * 60;
constexpr uint32_t kMaxBuckets = 1000;
constexpr size_t kMaxHashBytes = 256;
constexpr uint64_t kMaxRefreshSeconds = 30 * 24 * 60 * 60;

bool IsTrue(absl::string_view value) {
  return value == "1" || absl::EqualsIgnoreCase(value, "true") ||
         absl::EqualsIgnoreCase(value, "enabled");
}

// Returns nothing unless `value` is a number from 1 to `most`.
std::optional<uint32_t> Number(absl::string_view value, uint32_t most) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(value, &number) || number == 0 || number > most) {
    return std::nullopt;
  }
  return number;
}

void Apply(uint64_t code, const std::string& value, AbProps& props) {
  if (code == kTokenWithPicture) {
    props.token_with_picture = IsTrue(value);
  } else if (code == kTokenWithTime) {
    props.token_with_time = IsTrue(value);
  } else if (code == kTokenBucket) {
    if (const auto seconds = Number(value, kMaxBucketSeconds)) {
      props.token_bucket = absl::Seconds(*seconds);
    }
  } else if (code == kTokenBuckets) {
    if (const auto buckets = Number(value, kMaxBuckets)) {
      props.token_buckets = static_cast<int>(*buckets);
    }
  }
}

}  // namespace

Node MakeAbPropsQuery(const AbProps& held, bool whole) {
  Node props = MakeNode("props", {{"protocol", std::string("1")}});
  // With a hash, the server sends only the changes since then.
  if (!whole && !held.hash.empty()) props.SetAttribute("hash", held.hash);
  Node iq = MakeNode("iq", {{"xmlns", std::string("abt")},
                            {"type", std::string("get")},
                            {"to", ServerJid()}});
  iq.AddChild(std::move(props));
  return iq;
}

absl::Status ApplyAbProps(const Node& iq, absl::Time now, AbProps& held) {
  RETURN_IF_ERROR(IqError(iq));
  const Node* const props = iq.FindChild("props");
  if (props == nullptr) {
    return absl::InvalidArgumentError("AB props: the answer has none");
  }
  if (props->AttributeOr("delta_update") != "true") {
    AbProps fresh;
    fresh.refresh_id = std::move(held.refresh_id);
    held = std::move(fresh);
  }
  for (const Node& prop : props->children()) {
    const std::optional<uint64_t> code = prop.NumberAttribute("config_code");
    if (prop.tag == "prop" && code.has_value()) {
      Apply(*code, prop.AttributeOr("config_value"), held);
    }
  }
  held.hash = props->AttributeOr("hash", held.hash);
  if (held.hash.size() > kMaxHashBytes) held.hash.clear();
  const uint64_t refresh = props->NumberAttribute("refresh").value_or(0);
  held.due = refresh == 0
                 ? absl::InfiniteFuture()
                 : now + absl::Seconds(std::min(refresh, kMaxRefreshSeconds));
  return absl::OkStatus();
}

}  // namespace portrait::whatsapp
