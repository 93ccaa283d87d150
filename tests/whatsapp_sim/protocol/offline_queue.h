// OfflineQueue sends the stanzas that were queued while a device was offline.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OFFLINE_QUEUE_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OFFLINE_QUEUE_H_

#include <deque>
#include <functional>
#include <vector>

#include "core/whatsapp/node.h"

namespace portrait::sim {

// Works as WhatsApp does: it announces the number of stanzas, waits until the
// client is active, sends a few, sends the rest when the client requests it,
// and then announces the end. Thread-compatible.
class OfflineQueue {
 public:
  using Sender = std::function<void(const whatsapp::Node&)>;

  // Sends the announcement.
  OfflineQueue(std::vector<whatsapp::Node> waiting, Sender send);

  // The client is active. Only the first call has an effect.
  void Release();
  // The client requests `count` more stanzas.
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

// Makes an <ib> of the server.
whatsapp::Node Ib(whatsapp::Node child);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_PROTOCOL_OFFLINE_QUEUE_H_
