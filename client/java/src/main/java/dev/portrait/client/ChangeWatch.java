package dev.portrait.client;

import dev.portrait.v1.WatchProfilePictureChangesRequest;
import dev.portrait.v1.WatchProfilePictureChangesResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.BiConsumer;

/**
 * Receives changes. If the connection breaks or the server restarts, it resumes after the last
 * response. Each response has changes and the resume token that resumes after them: save the token
 * only after the changes are saved. A response without changes is a heartbeat. The iteration never
 * ends by itself: {@code next} throws StatusRuntimeException if the server refused the call or was
 * unreachable for retryFor, and with the code CANCELLED if the watch was closed or the thread was
 * interrupted.
 *
 * <p>Only one thread may iterate; close is thread-safe.
 */
public final class ChangeWatch
    implements Iterator<WatchProfilePictureChangesResponse>,
        Iterable<WatchProfilePictureChangesResponse>,
        AutoCloseable {
  private final BiConsumer<
          WatchProfilePictureChangesRequest,
          StreamReader<WatchProfilePictureChangesRequest, WatchProfilePictureChangesResponse>>
      openStream;
  private final WatchOptions options;
  private final Backoff backoff;
  private String resumeToken;
  private long heardAt = System.nanoTime();

  private final Object monitor = new Object(); // guards the fields below
  private StreamReader<WatchProfilePictureChangesRequest, WatchProfilePictureChangesResponse>
      stream;
  private boolean closed;

  ChangeWatch(
      BiConsumer<
              WatchProfilePictureChangesRequest,
              StreamReader<WatchProfilePictureChangesRequest, WatchProfilePictureChangesResponse>>
          openStream,
      WatchOptions options) {
    this.openStream = openStream;
    this.options = options;
    backoff = new Backoff(options.firstBackoff, options.longestBackoff);
    resumeToken = options.resumeToken;
  }

  /** Returns this object: a watch can be iterated only once. */
  @Override
  public Iterator<WatchProfilePictureChangesResponse> iterator() {
    return this;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public WatchProfilePictureChangesResponse next() {
    try {
      while (true) {
        try {
          WatchProfilePictureChangesResponse response = nextOfStream();
          heardAt = System.nanoTime();
          backoff.reset();
          if (!response.getResumeToken().isEmpty()) {
            resumeToken = response.getResumeToken();
          }
          return response;
        } catch (StatusRuntimeException why) {
          waitBeforeRetry(why);
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      close();
      throw Status.CANCELLED.withDescription("interrupted").asRuntimeException();
    }
  }

  private void waitBeforeRetry(StatusRuntimeException why) throws InterruptedException {
    long now = System.nanoTime();
    synchronized (monitor) {
      if (closed
          || !CallErrors.isTransient(why)
          || Duration.ofNanos(now - heardAt).compareTo(options.retryFor) >= 0) {
        throw why;
      }
    }
    options.onTrouble.accept(why);
    long end = now + backoff.next();
    synchronized (monitor) {
      for (long left = end - now; left > 0 && !closed; left = end - System.nanoTime()) {
        monitor.wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    }
  }

  private WatchProfilePictureChangesResponse nextOfStream() throws InterruptedException {
    synchronized (monitor) {
      long end = System.nanoTime() + options.silence.toNanos();
      while (true) {
        if (closed) {
          throw Status.CANCELLED.withDescription("closed").asRuntimeException();
        }
        if (stream == null) {
          stream = new StreamReader<>(monitor);
          openStream.accept(
              WatchProfilePictureChangesRequest.newBuilder()
                  .setResumeToken(resumeToken)
                  .addAllContacts(options.contacts)
                  .build(),
              stream);
        }
        WatchProfilePictureChangesResponse response = stream.take();
        if (response != null) {
          return response;
        }
        long left = end - System.nanoTime();
        if (stream.ended() || left <= 0) {
          StatusRuntimeException why = stream.error();
          if (why == null) {
            why =
                BulkLookup.unavailable(
                    stream.ended()
                        ? "the server ended the stream"
                        : "no message from the server within " + options.silence);
          }
          leaveStream();
          throw why;
        }
        monitor.wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    }
  }

  private void leaveStream() {
    if (stream != null) {
      stream.leave();
    }
    stream = null;
  }

  /** Ends the watch. */
  @Override
  public void close() {
    synchronized (monitor) {
      closed = true;
      leaveStream();
      monitor.notifyAll();
    }
  }
}
