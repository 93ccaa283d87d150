// MessagePipe is the server's end of a call with serialized messages in both
// directions, as gRPC's reactors have it, so that the same stream serves gRPC
// and other protocols of this process.
#ifndef PORTRAIT_SERVER_MESSAGE_PIPE_H_
#define PORTRAIT_SERVER_MESSAGE_PIPE_H_

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace portrait {

// Thread-safe. At most one read and one write are pending at a time. The owner
// of the pipe may call the reactor's functions within these.
class MessagePipe {
 public:
  virtual ~MessagePipe() = default;
  // OnReadDone tells that `message` is set; false: no more messages come.
  virtual void StartRead(grpc::ByteBuffer* message) = 0;
  // OnWriteDone tells that `message` has been taken; false: it never will.
  virtual void StartWrite(const grpc::ByteBuffer* message) = 0;
  // Ends the call, while no write is pending. The pipe must not be used
  // afterwards.
  virtual void Finish(const grpc::Status& status) = 0;
  // Ends what is pending.
  virtual void TryCancel() = 0;
};

// The stream that uses a pipe.
class PipeReactor {
 public:
  virtual ~PipeReactor() = default;
  virtual void Start() = 0;  // the first call
  virtual void OnReadDone(bool ok) = 0;
  virtual void OnWriteDone(bool ok) = 0;
  virtual void OnCancel() = 0;
  // The last call.
  virtual void OnDone() = 0;

 protected:
  // Call it before Start. `pipe` is borrowed until Finish.
  void Use(MessagePipe* pipe) { pipe_ = pipe; }

  void StartRead(grpc::ByteBuffer* message) { pipe_->StartRead(message); }
  void StartWrite(const grpc::ByteBuffer* message) {
    pipe_->StartWrite(message);
  }
  void Finish(const grpc::Status& status) { pipe_->Finish(status); }

 private:
  MessagePipe* pipe_ = nullptr;
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_MESSAGE_PIPE_H_
