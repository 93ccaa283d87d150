// IqWaiters matches answers to pending requests by id.
#ifndef PORTRAIT_CORE_WHATSAPP_IQ_WAITERS_H_
#define PORTRAIT_CORE_WHATSAPP_IQ_WAITERS_H_

#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/whatsapp/node.h"

namespace portrait::whatsapp {

// Confined to a strand. Must outlive its waiters.
class IqWaiters {
 public:
  // A pending request's entry in the table, which its destructor removes.
  class Waiter {
   public:
    Waiter(IqWaiters& table, std::string id,
           const boost::asio::any_io_executor& strand);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // Waits for the answer or its failure. DEADLINE_EXCEEDED after `timeout`.
    boost::asio::awaitable<absl::StatusOr<Node>> Wait(absl::Duration timeout);

   private:
    friend class IqWaiters;
    void Settle(absl::StatusOr<Node> answer);

    IqWaiters& table_;
    const std::string id_;
    boost::asio::steady_timer timer_;
    std::optional<absl::StatusOr<Node>> answer_;
  };

  // Returns false if no waiter has the answer's id (any more).
  bool Answer(Node answer);

  // Fails all waiters with `why`.
  void FailAll(const absl::Status& why);

  size_t size() const { return waiters_.size(); }

 private:
  absl::flat_hash_map<std::string, Waiter*> waiters_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_IQ_WAITERS_H_
