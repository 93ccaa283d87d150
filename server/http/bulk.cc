// Bulk lookups over HTTP: newline-delimited JSON in and out.
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "absl/strings/str_cat.h"
#include "server/http/bulk_lines.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"
#include "server/http/one_shot.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// A message of the gRPC stream may have 1000 items.
constexpr int kMaxItemsPerWrite = 500;

// What both directions of one stream share. Confined to the strand.
struct BulkStream {
  Exchange& exchange;
  GrpcCall& call;
  v1::EnrichProfilePicturesRequest next;  // the options first, then items
  absl::Status upload;
  const std::shared_ptr<OneShot<bool>> uploaded =
      std::make_shared<OneShot<bool>>();
};

// Sends the collected items; false if the call has ended.
asio::awaitable<bool> SendItems(BulkStream& stream) {
  v1::EnrichProfilePicturesRequest& all = stream.next;
  while (all.items_size() > kMaxItemsPerWrite) {
    v1::EnrichProfilePicturesRequest some;
    if (all.has_options()) *some.mutable_options() = all.options();
    all.clear_options();
    for (int i = 0; i < kMaxItemsPerWrite; ++i) {
      some.add_items()->Swap(all.mutable_items(i));
    }
    all.mutable_items()->DeleteSubrange(0, kMaxItemsPerWrite);
    const bool written = co_await stream.call.Write(some.SerializeAsString());
    if (!written) co_return false;
  }
  const bool written = co_await stream.call.Write(all.SerializeAsString());
  all.Clear();
  co_return written;
}

// Reads the request's body to its end.
asio::awaitable<absl::Status> ReadItems(BulkStream& stream) {
  ItemReader reader;
  while (true) {
    auto piece = co_await stream.exchange.ReadBody();
    if (!piece.ok()) co_return piece.status();
    const bool is_last = !piece->has_value();
    const absl::Status read =
        reader.Read(is_last ? "" : **piece, is_last, &stream.next);
    if (!read.ok()) co_return read;
    if (stream.next.items_size() > 0 || stream.next.has_options()) {
      const bool goes_on = co_await SendItems(stream);
      if (!goes_on) co_return absl::OkStatus();
    }
    if (is_last) break;
  }
  stream.call.WritesDone();
  co_return absl::OkStatus();
}

asio::awaitable<void> Upload(std::shared_ptr<BulkStream> stream) {
  stream->upload = co_await ReadItems(*stream);
  if (stream->upload.ok()) {
    stream->exchange.OnDisconnect([&call = stream->call] { call.Cancel(); });
  } else {
    stream->call.Cancel();
  }
  stream->uploaded->Set(true);
}

Response HeadOf(const GrpcCall& call) {
  return {200, "application/x-ndjson",
          HeadersOfMetadata(call.response_metadata()), ""};
}

// Sends results until the call ends; returns whether the head has been sent.
asio::awaitable<absl::StatusOr<bool>> SendResults(BulkStream& stream) {
  bool is_started = false;
  while (true) {
    const std::optional<std::string> bytes = co_await stream.call.Read();
    if (!bytes.has_value()) co_return is_started;
    std::string lines;
    if (!AppendResultLines(*bytes, &lines)) {
      co_return absl::InternalError("the response cannot be read");
    }
    absl::Status sent;
    if (!is_started) {
      is_started = true;
      sent = co_await stream.exchange.StartStream(HeadOf(stream.call));
    }
    if (sent.ok()) sent = co_await stream.exchange.Write(std::move(lines));
    if (!sent.ok()) co_return sent;
  }
}

}  // namespace

asio::awaitable<void> AnswerBulk(Channel channel,
                                 const MethodDescriptor& method,
                                 const Message& first, Exchange& exchange) {
  exchange.AllowSlowBody();
  const std::unique_ptr<GrpcCall> call =
      GrpcCall::Start(channel, CallOptionsOf(exchange.request(), method));
  const auto stream =
      std::make_shared<BulkStream>(BulkStream{exchange, *call, {}, {}});
  stream->next.CopyFrom(first);
  asio::co_spawn(co_await asio::this_coro::executor, Upload(stream),
                 asio::detached);
  // 1. Results are sent while items are read.
  const absl::StatusOr<bool> started = co_await SendResults(*stream);
  if (!started.ok()) call->Cancel();
  const grpc::Status ended = co_await call->Finish();
  // 2. If the call ended before the body, the rest of the body is not read.
  exchange.OnDisconnect(nullptr);
  if (!ended.ok() || !started.ok()) exchange.StopReading();
  (void)co_await stream->uploaded->Wait();
  exchange.OnDisconnect(nullptr);
  if (!started.ok()) co_return;
  // 3. A body that could not be read is the reason for the call's end.
  const bool is_bad_body =
      !stream->upload.ok() && !absl::IsCancelled(stream->upload);
  const google::rpc::Status status =
      is_bad_body ? StatusOf(stream->upload) : StatusOf(ended);
  if (status.code() == 0) {
    absl::Status sent;
    if (!*started) sent = co_await exchange.StartStream(HeadOf(*call));
    if (sent.ok()) (void)co_await exchange.FinishStream();
  } else if (!*started) {
    (void)co_await exchange.Respond(ErrorResponse(status));
  } else {
    (void)co_await exchange.Write(
        absl::StrCat("{\"status\":", JsonOf(status), "}\n"));
  }
}

}  // namespace portrait::http
