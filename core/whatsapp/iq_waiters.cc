#include "core/whatsapp/iq_waiters.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "core/whatsapp/deadline.h"

namespace portrait::whatsapp {

namespace asio = boost::asio;

IqWaiters::Waiter::Waiter(IqWaiters& table, std::string id,
                          const asio::any_io_executor& strand)
    : table_(table), id_(std::move(id)), timer_(strand) {
  table_.waiters_[id_] = this;
}

IqWaiters::Waiter::~Waiter() {
  const auto found = table_.waiters_.find(id_);
  if (found != table_.waiters_.end() && found->second == this) {
    table_.waiters_.erase(found);
  }
}

void IqWaiters::Waiter::Settle(absl::StatusOr<Node> answer) {
  if (answer_.has_value()) return;
  answer_ = std::move(answer);
  timer_.cancel();
}

asio::awaitable<absl::StatusOr<Node>> IqWaiters::Waiter::Wait(
    absl::Duration timeout) {
  // Sending may already have ended the connection.
  if (!answer_.has_value()) {
    timer_.expires_after(ToTimerDuration(timeout));
    boost::system::error_code ignored;
    co_await timer_.async_wait(
        asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (answer_.has_value()) co_return std::move(*answer_);
  co_return absl::DeadlineExceededError(
      absl::StrCat("no reply within ", absl::FormatDuration(timeout)));
}

bool IqWaiters::Answer(Node answer) {
  const auto found = waiters_.find(answer.AttributeOr("id"));
  if (found == waiters_.end()) return false;
  Waiter* const waiter = found->second;
  // A second answer with the same id finds no waiter.
  waiters_.erase(found);
  waiter->Settle(std::move(answer));
  return true;
}

void IqWaiters::FailAll(const absl::Status& why) {
  for (const auto& [id, waiter] : std::exchange(waiters_, {})) {
    waiter->Settle(why);
  }
}

}  // namespace portrait::whatsapp
