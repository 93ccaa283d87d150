#include "server/message_bytes.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"

namespace portrait {

absl::Status ReadMessage(const grpc::ByteBuffer& bytes,
                         google::protobuf::Message* message) {
  // Readers need a non-const buffer; slices are shared.
  grpc::ByteBuffer same(bytes);
  grpc::ProtoBufferReader reader(&same);
  if (message->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return MalformedMessage(*message);
}

grpc::ByteBuffer BufferOf(const std::string& message) {
  const grpc::Slice slice(message.data(), message.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

absl::Status MalformedMessage(const google::protobuf::Message& message) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the message is not a valid ", message.GetDescriptor()->name()));
}

}  // namespace portrait
