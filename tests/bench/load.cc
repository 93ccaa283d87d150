// Calls a server at the highest rate it accepts, and reports rate and latency.
//
//   load unary  --server H:P --callers 64 --connections 4 --seconds 3 …
//   load stream --server H:P --streams 1 --items 500 --seconds 5 …
//
// Contacts are drawn uniformly from the first --contacts of the benchmark's.
// To measure only the server, messages are made before the clock starts, and
// answers are parsed only as far as necessary to count results; one answer in
// kCheckEvery is parsed completely and checked.
#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_buffer_reader.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "portrait/v1/profile_picture.grpc.pb.h"
#include "tests/bench/contacts.h"
#include "tests/bench/report.h"

namespace portrait::bench {
namespace {

constexpr char kEnrich[] =
    "/portrait.v1.ProfilePictureService/EnrichProfilePictures";
constexpr uint64_t kCheckEvery = 256;
// Items in flight per stream: as many as portraitd accepts.
constexpr size_t kWindowItems = 4000;
// Items in a stream's prepared requests, which are sent in rotation.
constexpr size_t kReadyItems = 500'000;
// Accepts any stored answer.
constexpr int64_t kMaxAgeSeconds = 10 * 365 * 24 * 3600;

struct Flags {
  std::string server, token;
  uint64_t contacts = 100'000;
  int callers = 1, connections = 1, streams = 1, items = 500;
  double seconds = 3, warm_up = 1;
  uint64_t total = 0;  // items to send; 0: send until the time is over
};

[[noreturn]] void Die(const std::string& why) {
  std::cerr << "load: " << why << std::endl;
  std::_Exit(EXIT_FAILURE);
}

std::shared_ptr<grpc::Channel> Connect(const Flags& flags) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(
      flags.server, grpc::InsecureChannelCredentials(), arguments);
}

void Authorize(const Flags& flags, grpc::ClientContext* context) {
  if (!flags.token.empty()) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", flags.token));
  }
}

void SetOptions(v1::LookupOptions* options) {
  options->mutable_max_age()->set_seconds(kMaxAgeSeconds);
}

void CheckPicture(uint64_t contact, const v1::ProfilePicture& picture) {
  if (picture.jid() != absl::StrCat(Digits(contact), "@s.whatsapp.net") ||
      picture.url().empty()) {
    Die(absl::StrCat("contact ", contact, " was answered with ",
                     picture.ShortDebugString()));
  }
}

// ---- unary -----------------------------------------------------------------

// Repeats the call as soon as it is answered, until it is told to stop.
class Caller {
 public:
  Caller(const Flags& flags, std::shared_ptr<grpc::Channel> channel,
         uint32_t seed)
      : flags_(flags),
        stub_(v1::ProfilePictureService::NewStub(channel)),
        random_(seed) {
    SetOptions(request_.mutable_options());
  }

  void Start(absl::BlockingCounter* done) {
    done_ = done;
    Next();
  }
  void StartMeasuring() { measuring_ = true; }
  void Stop() { stopping_ = true; }
  const std::vector<double>& latencies() const { return latencies_; }

 private:
  void Next() {
    context_.emplace();
    Authorize(flags_, &*context_);
    contact_ = random_() % flags_.contacts;
    request_.set_contact(absl::StrCat("+", Digits(contact_)));
    start_ = absl::Now();
    stub_->async()->GetProfilePicture(
        &*context_, &request_, &response_,
        [this](const grpc::Status& status) { OnDone(status); });
  }
  void OnDone(const grpc::Status& status) {
    if (!status.ok()) Die(status.error_message());
    if (measuring_) {
      latencies_.push_back(absl::ToDoubleMicroseconds(absl::Now() - start_));
    }
    if (response_.profile_picture().url().empty()) Die("no URL");
    if (stopping_) {
      done_->DecrementCount();
    } else {
      Next();
    }
  }

  const Flags& flags_;
  const std::unique_ptr<v1::ProfilePictureService::Stub> stub_;
  std::mt19937_64 random_;
  std::optional<grpc::ClientContext> context_;
  v1::GetProfilePictureRequest request_;
  v1::GetProfilePictureResponse response_;
  uint64_t contact_ = 0;
  absl::Time start_;
  std::vector<double> latencies_;  // microseconds
  std::atomic<bool> measuring_ = false, stopping_ = false;
  absl::BlockingCounter* done_ = nullptr;
};

int Unary(const Flags& flags) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < flags.connections; ++i)
    channels.push_back(Connect(flags));
  std::vector<std::unique_ptr<Caller>> callers;
  absl::BlockingCounter done(flags.callers);
  for (int i = 0; i < flags.callers; ++i) {
    callers.push_back(
        std::make_unique<Caller>(flags, channels[i % channels.size()], i + 1));
  }
  for (const auto& caller : callers) caller->Start(&done);
  absl::SleepFor(absl::Seconds(flags.warm_up));
  for (const auto& caller : callers) caller->StartMeasuring();
  const absl::Time start = absl::Now();
  absl::SleepFor(absl::Seconds(flags.seconds));
  for (const auto& caller : callers) caller->Stop();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  done.Wait();
  std::vector<double> all;
  for (const auto& caller : callers) {
    all.insert(all.end(), caller->latencies().begin(),
               caller->latencies().end());
  }
  std::sort(all.begin(), all.end());
  if (all.empty()) Die("no call was answered");
  Report({{"per_second", static_cast<double>(all.size()) / seconds},
          {"p50_us", all[all.size() / 2]},
          {"p99_us", all[all.size() * 99 / 100]}});
  return EXIT_SUCCESS;
}

// ---- streams ---------------------------------------------------------------

grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

// The number of results in a response.
uint64_t CountResults(grpc::ByteBuffer* buffer) {
  constexpr uint32_t kResults = 0x0a;
  grpc::ProtoBufferReader reader(buffer);
  google::protobuf::io::CodedInputStream in(&reader);
  uint64_t results = 0;
  while (const uint32_t tag = in.ReadTag()) {
    uint32_t size = 0;
    if (!in.ReadVarint32(&size) || !in.Skip(static_cast<int>(size))) {
      Die("an answer is malformed");
    }
    results += tag == kResults;
  }
  return results;
}

void CheckAnswer(grpc::ByteBuffer* buffer) {
  v1::EnrichProfilePicturesResponse response;
  grpc::ProtoBufferReader reader(buffer);
  if (!response.ParseFromZeroCopyStream(&reader)) Die("malformed answer");
  for (const v1::EnrichResult& result : response.results()) {
    if (result.has_error()) Die(result.error().message());
    CheckPicture(result.tag(), result.profile_picture());
  }
}

class Stream
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(const Flags& flags, uint32_t seed)
      : flags_(flags), stub_(Connect(flags)) {
    std::mt19937_64 random(seed);
    for (size_t made = 0; made < kReadyItems; made += flags.items) {
      v1::EnrichProfilePicturesRequest request;
      for (int i = 0; i < flags.items; ++i) {
        const uint64_t contact = random() % flags.contacts;
        v1::EnrichItem* const item = request.add_items();
        item->set_tag(contact);
        item->set_contact(absl::StrCat("+", Digits(contact)));
      }
      ready_.push_back(ToBuffer(request));
    }
    v1::EnrichProfilePicturesRequest options;
    SetOptions(options.mutable_options());
    options_ = ToBuffer(options);
  }

  void Start(absl::BlockingCounter* done) {
    done_ = done;
    Authorize(flags_, &context_);
    stub_.PrepareBidiStreamingCall(&context_, kEnrich, {}, this);
    StartWrite(&options_);
    StartRead(&answer_);
    StartCall();
  }
  uint64_t received() const { return received_; }
  void Stop() {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    MaybeWriteLocked();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return;
    absl::MutexLock lock(&mu_);
    writing_ = false;
    MaybeWriteLocked();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (++answers_ % kCheckEvery == 0) {
      grpc::ByteBuffer copy(answer_);
      CheckAnswer(&copy);
    }
    const uint64_t results = CountResults(&answer_);
    received_ += results;
    answer_.Clear();
    StartRead(&answer_);
    absl::MutexLock lock(&mu_);
    under_way_ -= results;
    MaybeWriteLocked();
  }
  void OnDone(const grpc::Status& status) override {
    if (!status.ok()) Die(status.error_message());
    if (received_ != sent_)
      Die(absl::StrCat(received_.load(), " results of ", sent_.load()));
    done_->DecrementCount();
  }

 private:
  void MaybeWriteLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (writing_ || half_closed_) return;
    if (stopping_ || (flags_.total > 0 && sent_ >= flags_.total)) {
      half_closed_ = true;
      StartWritesDone();
      return;
    }
    if (under_way_ + flags_.items >
        std::max<size_t>(kWindowItems, flags_.items))
      return;
    writing_ = true;
    under_way_ += flags_.items;
    sent_ += flags_.items;
    StartWrite(&ready_[next_++ % ready_.size()]);
  }

  const Flags& flags_;
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  std::vector<grpc::ByteBuffer> ready_;
  grpc::ByteBuffer options_, answer_;
  grpc::ClientContext context_;
  uint64_t answers_ = 0;
  std::atomic<uint64_t> received_ = 0;
  absl::BlockingCounter* done_ = nullptr;

  absl::Mutex mu_;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t under_way_ ABSL_GUARDED_BY(mu_) = 0;
  std::atomic<uint64_t> sent_ = 0;
  bool writing_ ABSL_GUARDED_BY(mu_) = true;  // the options are being written
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
};

int Streams(const Flags& flags) {
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < flags.streams; ++i) {
    streams.push_back(std::make_unique<Stream>(flags, i + 1));
  }
  const auto received = [&] {
    uint64_t sum = 0;
    for (const auto& stream : streams) sum += stream->received();
    return sum;
  };
  absl::BlockingCounter done(flags.streams);
  absl::Time start = absl::Now();
  for (const auto& stream : streams) stream->Start(&done);
  uint64_t before = 0;
  if (flags.total == 0) {
    absl::SleepFor(absl::Seconds(flags.warm_up));
    before = received();
    start = absl::Now();
    absl::SleepFor(absl::Seconds(flags.seconds));
    const uint64_t after = received();
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    for (const auto& stream : streams) stream->Stop();
    done.Wait();
    Report({{"per_second", static_cast<double>(after - before) / seconds}});
    return EXIT_SUCCESS;
  }
  done.Wait();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  Report({{"per_second", static_cast<double>(received()) / seconds},
          {"seconds", seconds}});
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  Flags flags;
  int (*run)(const Flags&) = nullptr;
  CLI::App app("Calls a server as hard as it can.");
  app.require_subcommand(1);
  const auto add = [&](const char* name, int (*what)(const Flags&)) {
    CLI::App* const command = app.add_subcommand(name);
    command->add_option("--server", flags.server)->required();
    command->add_option("--token", flags.token);
    command->add_option("--contacts", flags.contacts)
        ->check(CLI::Range(uint64_t{1}, kMaxContacts));
    command->add_option("--seconds", flags.seconds);
    command->add_option("--warm-up", flags.warm_up);
    command->callback([&run, what] { run = what; });
    return command;
  };
  CLI::App* const unary = add("unary", Unary);
  unary->add_option("--callers", flags.callers);
  unary->add_option("--connections", flags.connections);
  CLI::App* const stream = add("stream", Streams);
  stream->add_option("--streams", flags.streams);
  stream->add_option("--items", flags.items)->check(CLI::Range(1, 1000));
  stream->add_option("--total", flags.total);
  CLI11_PARSE(app, argc, argv);
  return run(flags);
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::Main(argc, argv); }
