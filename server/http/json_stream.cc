// Streams of JSON: server-sent events, and newline-delimited JSON.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/http/gateway.h"
#include "server/http/http_errors.h"
#include "server/http/json.h"
#include "server/http/parameters.h"

namespace portrait::http {
namespace {

namespace asio = boost::asio;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// The field of a request and of its responses whose value resumes the stream.
constexpr char kResumeField[] = "resume_token";
// How long a browser waits before it reconnects, in milliseconds.
constexpr absl::string_view kRetry = "retry: 2000\n\n";

// How the messages of one stream are written.
class Format {
 public:
  virtual ~Format() = default;
  virtual Response Head() const = 0;
  virtual std::string Begin() const { return ""; }
  virtual absl::StatusOr<std::string> Piece(const Message& message) = 0;
  // The end of a stream that failed. If it is true, the body is then complete.
  virtual std::pair<std::string, bool> Failure(
      const google::rpc::Status& status) const = 0;
};

// One line of JSON for each message. A stream that fails ends with the line
// {"status":…} and without the body's last chunk.
class Lines final : public Format {
 public:
  Response Head() const override {
    return {200, "application/x-ndjson", {{"X-Accel-Buffering", "no"}}, ""};
  }
  absl::StatusOr<std::string> Piece(const Message& message) override {
    absl::StatusOr<std::string> json = WriteJson(message);
    if (json.ok()) json->push_back('\n');
    return json;
  }
  std::pair<std::string, bool> Failure(
      const google::rpc::Status& status) const override {
    return {absl::StrCat("{\"status\":", JsonOf(status), "}\n"), false};
  }
};

// https://html.spec.whatwg.org/multipage/server-sent-events.html. A message
// without content is a heartbeat: it sets the id and dispatches no event.
class Events final : public Format {
 public:
  Response Head() const override {
    return {200, "text/event-stream", {{"X-Accel-Buffering", "no"}}, ""};
  }
  std::string Begin() const override { return std::string(kRetry); }
  absl::StatusOr<std::string> Piece(const Message& message) override {
    std::string event;
    const FieldDescriptor* const resume =
        message.GetDescriptor()->FindFieldByName(kResumeField);
    std::vector<const FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    if (resume != nullptr) {
      absl::StrAppend(
          &event, "id: ", message.GetReflection()->GetString(message, resume),
          "\n");
    }
    const bool has_content =
        set.size() > 1 || (set.size() == 1 && set[0] != resume);
    if (has_content) {
      absl::StatusOr<std::string> json = WriteJson(message);
      if (!json.ok()) return json.status();
      absl::StrAppend(&event, "data: ", *json, "\n");
    }
    event += "\n";
    return event;
  }
  std::pair<std::string, bool> Failure(
      const google::rpc::Status& status) const override {
    return {absl::StrCat("event: error\ndata: ", JsonOf(status), "\n\n"), true};
  }
};

std::unique_ptr<Format> FormatOf(const Request& request) {
  const bool wants_lines = Accepts(request, "application/x-ndjson");
  if (Accepts(request, "text/event-stream") ||
      (request.method != "POST" && !wants_lines)) {
    return std::make_unique<Events>();
  }
  return std::make_unique<Lines>();
}

// Resumes a stream after the last event that a browser has received.
absl::Status BindLastId(const Request& request, Message* first) {
  const std::string last_id(request.Header("last-event-id"));
  if (last_id.empty() ||
      first->GetDescriptor()->FindFieldByName(kResumeField) == nullptr) {
    return absl::OkStatus();
  }
  return BindParameters({{kResumeField, last_id}}, first);
}

asio::awaitable<absl::Status> StartAndBegin(Exchange& exchange,
                                            const Format& format,
                                            const GrpcCall& call) {
  Response head = format.Head();
  for (auto& header : HeadersOfMetadata(call.response_metadata())) {
    head.headers.push_back(std::move(header));
  }
  const absl::Status started = co_await exchange.StartStream(std::move(head));
  if (!started.ok()) co_return started;
  co_return co_await exchange.Write(format.Begin());
}

// Sends the call's messages until its end.
asio::awaitable<void> Relay(GrpcCall& call, const MethodDescriptor& method,
                            Format& format, Exchange& exchange) {
  const std::unique_ptr<Message> message = NewMessage(*method.output_type());
  absl::Status sent;
  bool is_started = false;
  while (sent.ok()) {
    const std::optional<std::string> bytes = co_await call.Read();
    if (!bytes.has_value()) break;
    if (!message->ParseFromString(*bytes)) {
      sent = absl::InternalError("the response cannot be read");
      break;
    }
    absl::StatusOr<std::string> piece = format.Piece(*message);
    sent = piece.status();
    if (sent.ok() && !is_started) {
      is_started = true;
      sent = co_await StartAndBegin(exchange, format, call);
    }
    if (sent.ok()) sent = co_await exchange.Write(*std::move(piece));
  }
  if (!sent.ok()) call.Cancel();
  const grpc::Status ended = co_await call.Finish();
  exchange.OnDisconnect(nullptr);
  if (!sent.ok()) co_return;
  if (!is_started && !ended.ok()) {
    (void)co_await exchange.Respond(ErrorResponse(StatusOf(ended)));
    co_return;
  }
  if (!is_started) sent = co_await StartAndBegin(exchange, format, call);
  bool is_complete = true;
  if (!ended.ok()) {
    auto [last, complete] = format.Failure(StatusOf(ended));
    is_complete = complete;
    if (sent.ok()) sent = co_await exchange.Write(std::move(last));
  }
  if (sent.ok() && is_complete) (void)co_await exchange.FinishStream();
}

}  // namespace

asio::awaitable<void> AnswerJsonStream(Channel channel,
                                       const MethodDescriptor& method,
                                       const Message& request,
                                       Exchange& exchange) {
  const std::unique_ptr<Message> first(request.New());
  first->CopyFrom(request);
  const absl::Status bound = BindLastId(exchange.request(), first.get());
  if (!bound.ok()) {
    (void)co_await exchange.Respond(ErrorResponse(bound));
    co_return;
  }
  const std::unique_ptr<GrpcCall> call =
      GrpcCall::Start(channel, CallOptionsOf(exchange.request(), method));
  exchange.OnDisconnect([&call = *call] { call.Cancel(); });
  const bool written = co_await call->Write(first->SerializeAsString());
  if (written) call->WritesDone();
  const std::unique_ptr<Format> format = FormatOf(exchange.request());
  co_await Relay(*call, method, *format, exchange);
}

}  // namespace portrait::http
