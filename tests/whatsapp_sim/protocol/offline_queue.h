// OfflineQueue is what waited for a device while it was away, on its way to it.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OFFLINE_QUEUE_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OFFLINE_QUEUE_H_

#include <deque>
#include <functional>
#include <vector>

#include "core/whatsapp/node.h"

namespace portrait::sim {

// As WhatsApp does it: announces how much there is, waits until the client is
// active, sends a few, and the rest only as it is asked for; then says that
// this was all. Thread-compatible.
class OfflineQueue {
 public:
  using Sender = std::function<void(const whatsapp::Node&)>;

  // Sends the preview.
  OfflineQueue(std::vector<whatsapp::Node> waiting, Sender send);

  // The client is active. Again is nothing.
  void Release();
  // It asks for so many more.
  void Allow(uint64_t count);

 private:
  void Send();

  const Sender send_;
  std::deque<whatsapp::Node> waiting_;
  const size_t total_;
  uint64_t allowed_;
  bool released_ = false;
  bool done_ = false;  // <offline> has been sent
};

// <ib> of the server.
whatsapp::Node Ib(whatsapp::Node child);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OFFLINE_QUEUE_H_
