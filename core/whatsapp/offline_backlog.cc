#include "core/whatsapp/offline_backlog.h"

#include <string>
#include <utility>

namespace portrait::whatsapp {
namespace {

constexpr char kOfflineBatch[] = "200";

}  // namespace

bool OfflineBacklog::OnPreview(const Node& preview) {
  remaining_ = preview.NumberAttribute("count").value_or(0);
  first_of_batch_ = true;
  return remaining_ > 0;
}

bool OfflineBacklog::OnStanza(const Node& stanza) {
  if (remaining_ == 0 || !stanza.Attribute("offline").has_value()) return false;
  --remaining_;
  return std::exchange(first_of_batch_, false) && remaining_ > 0;
}

bool OfflineBacklog::OnDelayOver() {
  first_of_batch_ = true;
  return remaining_ > 0;
}

Node MakeOfflineBatchRequest() {
  Node ib = MakeNode("ib");
  ib.AddChild(
      MakeNode("offline_batch", {{"count", std::string(kOfflineBatch)}}));
  return ib;
}

}  // namespace portrait::whatsapp
