#include "server/message_bytes.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace portrait {

absl::Status ReadMessage(const grpc::ByteBuffer& bytes,
                         google::protobuf::Message* message) {
  // Readers need a non-const buffer; slices are shared.
  grpc::ByteBuffer same(bytes);
  grpc::ProtoBufferReader reader(&same);
  if (message->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the message is not a valid ", message->GetDescriptor()->name()));
}

}  // namespace portrait
