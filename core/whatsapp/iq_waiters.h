// IqWaiters matches answers to the requests that wait for them, by id.
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

// Confined to a strand. Outlives its waiters.
class IqWaiters {
 public:
  // One request's place in the table, from its making to its destruction.
  class Waiter {
   public:
    Waiter(IqWaiters& table, std::string id,
           const boost::asio::any_io_executor& strand);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // The answer, or why there will be none. DEADLINE_EXCEEDED after `timeout`.
    boost::asio::awaitable<absl::StatusOr<Node>> Wait(absl::Duration timeout);

   private:
    friend class IqWaiters;
    void Settle(absl::StatusOr<Node> answer);

    IqWaiters& table_;
    const std::string id_;
    boost::asio::steady_timer timer_;
    std::optional<absl::StatusOr<Node>> answer_;
  };

  // False if no waiter has the answer's id (any more).
  bool Answer(Node answer);

  // Every waiter hears `why`.
  void FailAll(const absl::Status& why);

  size_t size() const { return waiters_.size(); }

 private:
  absl::flat_hash_map<std::string, Waiter*> waiters_;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_IQ_WAITERS_H_
