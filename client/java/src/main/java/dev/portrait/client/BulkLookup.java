package dev.portrait.client;

import dev.portrait.v1.EnrichItem;
import dev.portrait.v1.EnrichProfilePicturesRequest;
import dev.portrait.v1.EnrichProfilePicturesResponse;
import dev.portrait.v1.EnrichResult;
import dev.portrait.v1.ErrorReason;
import dev.portrait.v1.LookupError;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A bulk lookup: iterates over results as they arrive, exactly one for each item. If the connection
 * breaks, it reconnects and sends the items again that have no result. {@code hasNext} and {@code
 * next} throw
 *
 * <ul>
 *   <li>StatusRuntimeException, if the server refused the call or was unreachable for retryFor, and
 *       with the code CANCELLED if the lookup was closed or the thread was interrupted;
 *   <li>the exception of the source, after the results of all earlier items.
 * </ul>
 *
 * <p>A separate thread iterates the source, as far as there is room. If the source is
 * AutoCloseable, it is closed when no more items are needed. If the caller does not take results,
 * the source and the server are slowed down (backpressure).
 *
 * <p>Only one thread may iterate; close is thread-safe. Call close to end the lookup early.
 */
public final class BulkLookup<C>
    implements Iterator<Result<C>>, Iterable<Result<C>>, AutoCloseable {
  // How long a message that is not full waits for more items.
  private static final long LINGER = 5_000_000L;
  // How long the server may take to end a stream after its last result.
  private static final long FAREWELL = 5_000_000_000L;
  // A stream that lasted this long counts as a successful connection.
  private static final long HELD = 10_000_000_000L;

  private final Consumer<StreamReader<EnrichProfilePicturesRequest, EnrichProfilePicturesResponse>>
      openStream;
  private final BulkOptions options;

  // Guards the fields below. Items are unsent, then sent, then settled. If a stream breaks, its sent
  // items become unsent again. Times are values of System.nanoTime().
  private final Object monitor = new Object();
  private final Map<Long, Item<C>> items = new LinkedHashMap<>(); // unsent and sent, by tag
  private long nextTag = 1;
  private ArrayDeque<Long> unsent = new ArrayDeque<>();
  private long unsentSince;
  private List<Result<C>> settled = new ArrayList<>();
  private boolean inputOver;
  private Throwable inputError;
  private boolean closed;

  private StreamReader<EnrichProfilePicturesRequest, EnrichProfilePicturesResponse> stream;
  private boolean optionsSent;
  private boolean sendingEnded;
  private boolean draining; // the server is shutting down; send no new items
  private long connectedAt;
  private long heardAt; // when the silence of the server began
  private final Backoff backoff;
  private long connectAt = System.nanoTime();
  private Long failingSince;
  private StatusRuntimeException trouble;

  // The results that the caller is processing; used only by the iterating thread.
  private Iterator<Result<C>> handedOut = List.<Result<C>>of().iterator();
  private int handingOut; // their number; guarded by monitor

  BulkLookup(
      Consumer<StreamReader<EnrichProfilePicturesRequest, EnrichProfilePicturesResponse>>
          openStream,
      Iterator<Item<C>> source,
      BulkOptions options) {
    this.openStream = openStream;
    this.options = options;
    backoff = new Backoff(options.firstBackoff, options.longestBackoff);
    Thread feeder = new Thread(() -> feed(source), "portrait-feeder");
    feeder.setDaemon(true); // a blocked source does not keep the program running
    feeder.start();
  }

  /** Returns this object: the results can be iterated only once. */
  @Override
  public Iterator<Result<C>> iterator() {
    return this;
  }

  @Override
  public boolean hasNext() {
    while (!handedOut.hasNext()) {
      StatusRuntimeException why;
      synchronized (monitor) {
        List<Result<C>> next = nextSettled();
        if (next == null) {
          break;
        }
        handedOut = next.iterator();
        why = trouble;
        trouble = null;
      }
      if (why != null) {
        options.onTrouble.accept(why);
      }
    }
    if (handedOut.hasNext()) {
      return true;
    }
    close();
    if (inputError instanceof Error failure) {
      throw failure;
    } else if (inputError != null) {
      throw (RuntimeException) inputError; // an Iterator throws no checked exception
    }
    return false;
  }

  @Override
  public Result<C> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return handedOut.next();
  }

  /**
   * Returns the results as a sequential stream. Closing it ends the lookup, so use it in a
   * try-with-resources statement.
   */
  public Stream<Result<C>> stream() {
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(
                this, Spliterator.NONNULL | Spliterator.IMMUTABLE),
            /* parallel= */ false)
        .onClose(this::close);
  }

  /** Ends the lookup. */
  @Override
  public void close() {
    synchronized (monitor) {
      closed = true;
      leaveStream();
    }
  }

  // ---- the source's thread

  private void feed(Iterator<Item<C>> source) {
    Throwable failure = null;
    try {
      try {
        while (source.hasNext()) {
          if (!add(source.next())) {
            break;
          }
        }
      } finally {
        if (source instanceof AutoCloseable closeable) {
          closeable.close();
        }
      }
    } catch (RuntimeException | Error error) {
      failure = error;
    } catch (Exception error) {
      failure = new IllegalStateException(error); // thrown by close
    }
    synchronized (monitor) {
      inputOver = true;
      inputError = failure;
      monitor.notifyAll();
    }
  }

  /** Returns false if no more items are needed. */
  private boolean add(Item<C> item) throws InterruptedException {
    String problem = item.unsendable();
    synchronized (monitor) {
      while (!closed && items.size() + settled.size() + handingOut >= options.maxPending) {
        monitor.wait();
      }
      if (closed) {
        return false;
      }
      if (problem != null) {
        settled.add(new Result<>(item, null, Batch.invalidContact(problem)));
      } else {
        if (unsent.isEmpty()) {
          unsentSince = System.nanoTime();
        }
        items.put(nextTag, item);
        unsent.add(nextTag++);
        // Only the first item of a message, and the last, change anything.
        if (unsent.size() > 1 && unsent.size() < options.batchItems) {
          return true;
        }
      }
      monitor.notifyAll();
      return true;
    }
  }

  // ---- the iterating thread, under the monitor

  /** Waits for results. Returns an empty list if onTrouble must be called, null at the end. */
  private List<Result<C>> nextSettled() {
    handingOut = 0;
    heardAt = System.nanoTime(); // the time of the caller is not silence
    monitor.notifyAll();
    try {
      while (true) {
        if (closed && !finished()) {
          throw Status.CANCELLED.withDescription("closed").asRuntimeException();
        }
        takeResponse();
        if (!settled.isEmpty()) {
          List<Result<C>> results = settled;
          settled = new ArrayList<>();
          handingOut = results.size();
          return results;
        }
        checkStream();
        if (finished()) {
          return null;
        }
        if (trouble != null) {
          return List.of();
        }
        connect();
        if (send()) {
          continue;
        }
        long nanos = waitNanos();
        monitor.wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      close();
      throw Status.CANCELLED.withDescription("interrupted").asRuntimeException();
    } catch (RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private void takeResponse() {
    EnrichProfilePicturesResponse response = stream == null ? null : stream.take();
    if (response == null) {
      return;
    }
    heardAt = System.nanoTime();
    for (EnrichResult result : response.getResultsList()) {
      if (result.getError().getReason() == ErrorReason.ERROR_REASON_SHUTTING_DOWN) {
        draining = true; // the item is sent again over a new stream
        continue;
      }
      Item<C> item = items.remove(result.getTag());
      if (item == null) {
        continue;
      }
      settled.add(
          new Result<>(
              item,
              result.hasProfilePicture() ? result.getProfilePicture() : null,
              result.hasError() ? result.getError() : null));
      failingSince = null;
      backoff.reset();
    }
  }

  private void checkStream() {
    if (stream == null) {
      return;
    }
    if (stream.ended()) {
      streamEnded(stream.error());
    } else if (items.size() > unsent.size()
        && System.nanoTime() - heardAt > options.silence.toNanos()) {
      streamEnded(unavailable("no message from the server within " + options.silence));
    }
  }

  private void streamEnded(StatusRuntimeException why) {
    leaveStream();
    if (items.isEmpty() && (why == null || inputOver)) {
      return;
    }
    if (why == null) {
      why =
          unavailable(
              "the server ended the stream before it answered " + items.size() + " items");
    }
    if (!CallErrors.isTransient(why)) {
      throw why;
    }
    if (items.isEmpty()) {
      return; // no result is missing
    }
    long now = System.nanoTime();
    if (failingSince == null || now - connectedAt > HELD) {
      failingSince = now;
    }
    if (now - failingSince >= options.retryFor.toNanos()) {
      throw why;
    }
    trouble = why;
    connectAt = now + backoff.next();
  }

  static StatusRuntimeException unavailable(String why) {
    return Status.UNAVAILABLE.withDescription(why).asRuntimeException();
  }

  /** Closes the stream; its items without a result become unsent. */
  private void leaveStream() {
    if (stream != null) {
      stream.leave();
    }
    stream = null;
    unsent = new ArrayDeque<>(items.keySet());
    unsentSince = System.nanoTime();
    monitor.notifyAll();
  }

  private boolean finished() {
    if (!inputOver || !items.isEmpty() || !settled.isEmpty()) {
      return false;
    }
    // Wait for the server to end the stream, but not for long.
    return stream == null || System.nanoTime() - heardAt > FAREWELL;
  }

  private void connect() {
    if (stream != null || unsent.isEmpty() || System.nanoTime() - connectAt < 0) {
      return;
    }
    stream = new StreamReader<>(monitor);
    optionsSent = sendingEnded = draining = false;
    connectedAt = heardAt = System.nanoTime();
    openStream.accept(stream);
  }

  /** Sends a message or half-closes, if that is possible now. Returns whether it did. */
  private boolean send() {
    if (stream == null || sendingEnded) {
      return false;
    }
    if (draining || (inputOver && unsent.isEmpty())) {
      stream.endSending();
      sendingEnded = true;
      return true;
    }
    if (!batchIsDue() || !stream.ready()) {
      return false;
    }
    if (items.size() == unsent.size()) {
      heardAt = System.nanoTime();
    }
    EnrichProfilePicturesRequest.Builder request = EnrichProfilePicturesRequest.newBuilder();
    if (!optionsSent) {
      request.setOptions(options.lookup);
      optionsSent = true;
    }
    while (!unsent.isEmpty() && request.getItemsCount() < options.batchItems) {
      long tag = unsent.remove();
      Item<C> item = items.get(tag);
      request.addItems(
          EnrichItem.newBuilder()
              .setTag(tag)
              .setContact(item.contact())
              .setExistingId(item.existingId())
              .setCountry(item.country()));
    }
    unsentSince = System.nanoTime();
    stream.send(request.build());
    return true;
  }

  private boolean batchIsDue() {
    return !unsent.isEmpty()
        && (inputOver
            || unsent.size() >= options.batchItems
            || System.nanoTime() - unsentSince >= LINGER);
  }

  /** How long to wait for a change; never 0, which Object.wait takes as no limit. */
  private long waitNanos() {
    long now = System.nanoTime();
    if (stream == null) {
      return unsent.isEmpty() ? Long.MAX_VALUE / 2 : Math.max(1, connectAt - now);
    }
    long wait = FAREWELL;
    if (!items.isEmpty()) {
      wait = Math.max(0, heardAt + options.silence.toNanos() - now) + 1_000_000;
    }
    // A batch that is due waits until the stream is ready, which notifies the monitor.
    if (sendingEnded || unsent.isEmpty() || batchIsDue()) {
      return wait;
    }
    return Math.min(wait, Math.max(1, unsentSince + LINGER - now));
  }
}
