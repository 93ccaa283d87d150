package dev.portrait.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/**
 * One stream. A response is asked for when the last was taken, so flow control holds the server
 * back. {@code monitor} guards all of it, and is notified of what happens.
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

  // ---- for who reads; each under the monitor

  /** The next response, or null when none is there. */
  R take() {
    R taken = response;
    if (taken != null) {
      response = null;
      call.request(1);
    }
    return taken;
  }

  /** Nothing more will come. */
  boolean ended() {
    return ended && response == null;
  }

  /** Why it ended; null: well. */
  StatusRuntimeException error() {
    return error;
  }

  /** Another message may be sent: flow control does not hold the last one back. */
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

  // ---- for gRPC

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
