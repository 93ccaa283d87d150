// Converts messages from and to gRPC's byte buffers, which consist of slices.
#ifndef PORTRAIT_SERVER_MESSAGE_BYTES_H_
#define PORTRAIT_SERVER_MESSAGE_BYTES_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace portrait {

// Parses `bytes` into `*message`, whose memory is reused.
//
// Errors: INVALID_ARGUMENT.
absl::Status ReadMessage(const grpc::ByteBuffer& bytes,
                         google::protobuf::Message* message);

grpc::ByteBuffer BufferOf(const std::string& message);
std::string BytesOf(const grpc::ByteBuffer& buffer);

// The error of a request that is not a valid message of its type.
absl::Status MalformedMessage(const google::protobuf::Message& message);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_MESSAGE_BYTES_H_
