package dev.portrait.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/**
 * Reads one stream. It requests the next response only after the last one was taken, so flow
 * control slows down a server that is too fast. {@code monitor} guards the object and is notified
 * when a response arrives, when the stream ends and when it is ready to send.
 */
final class StreamReader<Q, R> implements ClientResponseObserver<Q, R> {
  private final Object monitor;
  private ClientCallStreamObserver<Q> call;
  private R response;
  private boolean ended;
  private StatusRuntimeException error;
  private boolean left;

  StreamReader(Object monitor) {
    this.monitor = monitor;
  }

  // ---- for the reader, which holds the monitor

  /** The next response, or null if none has arrived. */
  R take() {
    R taken = response;
    if (taken != null) {
      response = null;
      call.request(1);
    }
    return taken;
  }

  /** Whether the stream has ended and all responses were taken. */
  boolean ended() {
    return ended && response == null;
  }

  /** Why the stream ended; null: successfully. */
  StatusRuntimeException error() {
    return error;
  }

  /** Whether flow control permits to send another message. */
  boolean ready() {
    return !ended && call.isReady();
  }

  void send(Q request) {
    call.onNext(request);
  }

  void endSending() {
    if (!ended) {
      call.onCompleted();
    }
  }

  void leave() {
    left = true;
    if (!ended) {
      call.cancel("no longer wanted", null);
    }
  }

  // ---- called by gRPC

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> stream) {
    call = stream;
    stream.disableAutoRequestWithInitial(1);
    stream.setOnReadyHandler(this::changed);
  }

  private void changed() {
    synchronized (monitor) {
      monitor.notifyAll();
    }
  }

  @Override
  public void onNext(R next) {
    synchronized (monitor) {
      if (!left) {
        response = next;
        monitor.notifyAll();
      }
    }
  }

  @Override
  public void onError(Throwable why) {
    synchronized (monitor) {
      ended = true;
      error = Status.fromThrowable(why).asRuntimeException(Status.trailersFromThrowable(why));
      monitor.notifyAll();
    }
  }

  @Override
  public void onCompleted() {
    synchronized (monitor) {
      ended = true;
      monitor.notifyAll();
    }
  }
}
