// A server without any logic that implements Portrait's contract, to measure
// the machine's upper limit. Unary calls get one prepared response; items of a
// stream get their stored bytes, from RocksDB (opened read-only, beside a
// portraitd that has it open) or from a map in memory.
//
//   raw_server --listen 127.0.0.1:0 --db FOLDER --source db|map --hot N
//
// It prints its address once it serves, and ends when its standard input ends.
#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_buffer_reader.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/store/rocksdb_database.h"
#include "portrait/store/v1/store.pb.h"
#include "portrait/v1/profile_picture.grpc.pb.h"
#include "tests/bench/contacts.h"

namespace portrait::bench {
namespace {

using google::protobuf::io::CodedOutputStream;
using Service =
    v1::ProfilePictureService::WithRawCallbackMethod_GetProfilePicture<
        v1::ProfilePictureService::WithRawCallbackMethod_EnrichProfilePictures<
            v1::ProfilePictureService::Service>>;

constexpr char kContactTag = 0x12;  // EnrichResult.profile_picture
constexpr char kTagTag = 0x08;      // EnrichResult.tag
constexpr char kResultTag = 0x0a;   // EnrichProfilePicturesResponse.results
constexpr int kMaxVarintBytes = 10;

void AppendVarint(uint64_t value, std::string* to) {
  uint8_t bytes[kMaxVarintBytes];
  const uint8_t* const end =
      CodedOutputStream::WriteVarint64ToArray(value, bytes);
  to->append(reinterpret_cast<const char*>(bytes), end - bytes);
}

void AppendResult(uint64_t tag, absl::string_view record, std::string* to) {
  const size_t size = 1 + CodedOutputStream::VarintSize64(tag) + 1 +
                      CodedOutputStream::VarintSize64(record.size()) +
                      record.size();
  to->push_back(kResultTag);
  AppendVarint(size, to);
  to->push_back(kTagTag);
  AppendVarint(tag, to);
  to->push_back(kContactTag);
  AppendVarint(record.size(), to);
  to->append(record.data(), record.size());
}

grpc::ByteBuffer ToBuffer(std::string text) {
  auto* const kept = new std::string(std::move(text));
  const grpc::Slice slice(
      kept->data(), kept->size(),
      [](void* string) { delete static_cast<std::string*>(string); }, kept);
  return grpc::ByteBuffer(&slice, 1);
}

// Appends a result for each item that the source has.
class Source {
 public:
  virtual ~Source() = default;
  virtual void Answer(const v1::EnrichProfilePicturesRequest& request,
                      std::string* to) const = 0;
};

class DbSource : public Source {
 public:
  explicit DbSource(const std::string& folder) {
    rocksdb::DBOptions options = MakeDbOptions(rocksdb::Env::Default());
    const std::shared_ptr<rocksdb::Cache> cache =
        rocksdb::NewLRUCache(RocksDbOptions().block_cache_bytes);
    const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
        {rocksdb::kDefaultColumnFamilyName, {}},
        {FamilyName(Family::kContacts),
         MakeFamilyOptions(Family::kContacts, cache)}};
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened =
        rocksdb::DB::OpenForReadOnly(options, folder, families, &handles_, &db);
    if (!opened.ok()) throw std::runtime_error(opened.ToString());
    db_.reset(db);
    contacts_ = handles_[1];
  }
  ~DbSource() override {
    for (rocksdb::ColumnFamilyHandle* const handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle);
    }
  }

  void Answer(const v1::EnrichProfilePicturesRequest& request,
              std::string* to) const override {
    const size_t count = request.items_size();
    std::vector<std::string> keys(count);
    std::vector<rocksdb::Slice> slices(count);
    for (size_t i = 0; i < count; ++i) {
      keys[i] =
          absl::StrCat(request.items(i).contact().substr(1), "@s.whatsapp.net");
      slices[i] = keys[i];
    }
    std::vector<rocksdb::PinnableSlice> values(count);
    std::vector<rocksdb::Status> statuses(count);
    db_->MultiGet(rocksdb::ReadOptions(), contacts_, count, slices.data(),
                  values.data(), statuses.data());
    for (size_t i = 0; i < count; ++i) {
      AppendResult(request.items(i).tag(), ToView(values[i]), to);
    }
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  rocksdb::ColumnFamilyHandle* contacts_ = nullptr;
};

class MapSource : public Source {
 public:
  explicit MapSource(uint64_t contacts) {
    records_.reserve(contacts);
    for (uint64_t i = 0; i < contacts; ++i) {
      const Observation seen = MakeObservation(i, absl::Now());
      store::v1::ContactRecord record;
      record.set_jid(seen.jid);
      record.set_phone_number(seen.phone_number);
      record.set_registration(*seen.registration);
      record.set_state(*seen.state);
      record.set_id(seen.picture_id);
      record.set_url(seen.full_url->url);
      record.set_direct_path(seen.direct_path);
      record.set_type(seen.type);
      record.set_session(seen.session);
      records_.emplace(seen.phone_number, record.SerializeAsString());
    }
  }

  void Answer(const v1::EnrichProfilePicturesRequest& request,
              std::string* to) const override {
    for (const v1::EnrichItem& item : request.items()) {
      const auto found = records_.find(item.contact());
      AppendResult(item.tag(), found == records_.end() ? "" : found->second,
                   to);
    }
  }

 private:
  absl::flat_hash_map<std::string, std::string> records_;
};

// Reads, answers and writes one message after the other; meanwhile, gRPC
// buffers the requests that the client has in flight.
class Stream
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Stream(const Source& source) : source_(source) { Next(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    google::protobuf::Arena arena;
    auto* const request = google::protobuf::Arena::CreateMessage<
        v1::EnrichProfilePicturesRequest>(&arena);
    grpc::ProtoBufferReader reader(&request_);
    request->ParseFromZeroCopyStream(&reader);
    std::string answer;
    answer.reserve(last_size_ + last_size_ / 8);
    source_.Answer(*request, &answer);
    last_size_ = answer.size();
    response_ = ToBuffer(std::move(answer));
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) Next();
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    request_.Clear();
    StartRead(&request_);
  }

  const Source& source_;
  grpc::ByteBuffer request_, response_;
  size_t last_size_ = 0;
};

class RawService final : public Service {
 public:
  explicit RawService(const Source& source) : source_(source) {
    v1::GetProfilePictureResponse response;
    const Observation seen = MakeObservation(0, absl::Now());
    v1::ProfilePicture& picture = *response.mutable_profile_picture();
    picture.set_jid(seen.jid);
    picture.set_phone_number(seen.phone_number);
    picture.set_id(seen.picture_id);
    picture.set_url(seen.full_url->url);
    picture.set_direct_path(seen.direct_path);
    picture.set_type(seen.type);
    picture.set_session(seen.session);
    answer_ = ToBuffer(response.SerializeAsString());
  }

  grpc::ServerUnaryReactor* GetProfilePicture(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
      grpc::ByteBuffer* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
  EnrichProfilePictures(grpc::CallbackServerContext*) override {
    return new Stream(source_);
  }

 private:
  const Source& source_;
  grpc::ByteBuffer answer_;
};

int Main(int argc, char** argv) {
  std::string listen = "127.0.0.1:0", db, kind = "db";
  uint64_t hot = 0;
  CLI::App app("A server that does nothing of its own.");
  app.add_option("--listen", listen);
  app.add_option("--db", db);
  app.add_option("--source", kind)->check(CLI::IsMember({"db", "map"}));
  app.add_option("--hot", hot);
  CLI11_PARSE(app, argc, argv);

  std::unique_ptr<Source> source;
  if (kind == "db") {
    source = std::make_unique<DbSource>(db);
  } else {
    source = std::make_unique<MapSource>(hot);
  }
  RawService service(*source);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return EXIT_FAILURE;
  std::cout << "127.0.0.1:" << port << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  server->Shutdown(std::chrono::system_clock::now());
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::Main(argc, argv); }
