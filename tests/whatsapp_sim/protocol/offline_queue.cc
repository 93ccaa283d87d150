#include "tests/whatsapp_sim/protocol/offline_queue.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace portrait::sim {
namespace {

using whatsapp::MakeNode;
using whatsapp::Node;

// The number of stanzas sent before the client requests more.
constexpr uint64_t kPrimer = 5;
// Bounds the sum of requested stanzas; more are never queued.
constexpr uint64_t kMostAllowed = 1'000'000;

Node Preview(const std::deque<Node>& waiting) {
  const auto count = [&](absl::string_view tag) {
    return absl::StrCat(
        std::count_if(waiting.begin(), waiting.end(),
                      [&](const Node& stanza) { return stanza.tag == tag; }));
  };
  return MakeNode("offline_preview", {{"count", absl::StrCat(waiting.size())},
                                      {"message", count("message")},
                                      {"notification", count("notification")},
                                      {"receipt", count("receipt")},
                                      {"appdata", count("appdata")}});
}

}  // namespace

Node Ib(Node child) {
  return MakeNode("ib", {{"from", whatsapp::ServerJid()}},
                  Node::Children{std::move(child)});
}

OfflineQueue::OfflineQueue(std::vector<Node> waiting, Sender send)
    : send_(std::move(send)),
      waiting_(std::make_move_iterator(waiting.begin()),
               std::make_move_iterator(waiting.end())),
      total_(waiting_.size()),
      allowed_(kPrimer) {
  send_(Ib(Preview(waiting_)));
}

void OfflineQueue::Release() {
  released_ = true;
  Send();
}

void OfflineQueue::Allow(uint64_t count) {
  allowed_ = std::min(allowed_ + std::min(count, kMostAllowed), kMostAllowed);
  Send();
}

void OfflineQueue::Send() {
  if (!released_ || done_) return;
  for (; !waiting_.empty() && allowed_ > 0; --allowed_) {
    Node stanza = std::move(waiting_.front());
    waiting_.pop_front();
    stanza.SetAttribute("offline", absl::StrCat(total_ - waiting_.size()));
    send_(stanza);
  }
  if (!waiting_.empty()) return;
  done_ = true;
  send_(Ib(MakeNode("offline", {{"count", absl::StrCat(total_)}})));
}

}  // namespace portrait::sim
