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
import java.util.function.Consumer;

/**
 * A bulk lookup: iterates over results as they come, one for each item, whatever happens to the
 * connection meanwhile. {@code hasNext} and {@code next} throw
 *
 * <ul>
 *   <li>StatusRuntimeException: the server refuses, was gone for retryFor, or (CANCELLED) the
 *       lookup was closed or the thread interrupted;
 *   <li>what the source threw, after the results of what came before.
 * </ul>
 *
 * <p>The source is iterated on a thread of its own, as far as there is room; if it is
 * AutoCloseable, it is closed when no more is wanted. A caller that takes no results holds both the
 * server and the source back.
 *
 * <p>One thread iterates; close is thread-safe, and needed by who leaves early.
 */
public final class BulkLookup<C>
    implements Iterator<Result<C>>, Iterable<Result<C>>, AutoCloseable {
  // A message that is not full waits this long for more items.
  private static final long LINGER = 5_000_000L;
  // How long the server may take to end a stream that has nothing left to do.
  private static final long FAREWELL = 5_000_000_000L;
  // A stream that was up for this long was no failed attempt.
  private static final long HELD = 10_000_000_000L;

  private final Consumer<StreamReader<EnrichProfilePicturesRequest, EnrichProfilePicturesResponse>>
      openStream;
  private final BulkOptions options;

  // Guards what follows. Items are unsent, then sent, then settled; those of a stream that broke
  // are unsent again. Times are of System.nanoTime().
  private final Object monitor = new Object();
  private final Map<Long, Item<C>> items = new LinkedHashMap<>(); // unsent and sent, by our own tag
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
  private boolean draining; // the server shuts down: no new items
  private long connectedAt;
  private long heardAt; // or when the server began to owe us words
  private final Backoff backoff;
  private long connectAt = System.nanoTime();
  private Long failingSince;
  private StatusRuntimeException trouble;

  // Being handed out; of the iterating thread alone.
  private Iterator<Result<C>> handedOut = List.<Result<C>>of().iterator();
  private int handingOut; // guarded: of how many that is

  BulkLookup(
      Consumer<StreamReader<EnrichProfilePicturesRequest, EnrichProfilePicturesResponse>>
          openStream,
      Iterator<Item<C>> source,
      BulkOptions options) {
    this.openStream = openStream;
    this.options = options;
    backoff = new Backoff(options.firstBackoff, options.longestBackoff);
    Thread feeder = new Thread(() -> feed(source), "portrait-feeder");
    feeder.setDaemon(true); // a source that waits keeps no program alive
    feeder.start();
  }

  /** This object: there is one pass over the results. */
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
      throw (RuntimeException) inputError; // Iterator throws no other
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
      failure = new IllegalStateException(error); // of close
    }
    synchronized (monitor) {
      inputOver = true;
      inputError = failure;
      monitor.notifyAll();
    }
  }

  /** False when no more is wanted. */
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
        settled.add(
            new Result<>(
                item,
                null,
                LookupError.newBuilder()
                    .setReason(ErrorReason.ERROR_REASON_INVALID_CONTACT)
                    .setMessage(problem)
                    .build()));
      } else {
        if (unsent.isEmpty()) {
          unsentSince = System.nanoTime();
        }
        items.put(nextTag, item);
        unsent.add(nextTag++);
        // The rest of a message wakes nobody.
        if (unsent.size() > 1 && unsent.size() < options.batchItems) {
          return true;
        }
      }
      monitor.notifyAll();
      return true;
    }
  }

  // ---- the iterating thread, under the monitor

  /** Waits for results; none when there is trouble to tell, null at the end. */
  private List<Result<C>> nextSettled() {
    handingOut = 0;
    heardAt = System.nanoTime(); // while the caller worked, nobody listened
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
        draining = true; // asked again over the next stream
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
      streamEnded(unavailable("no word from the server within " + options.silence));
    }
  }

  private void streamEnded(StatusRuntimeException why) {
    leaveStream();
    if (items.isEmpty() && (why == null || inputOver)) {
      return;
    }
    if (why == null) {
      why = unavailable("the server ended the stream with " + items.size() + " items unanswered");
    }
    if (!CallErrors.isTransient(why)) {
      throw why;
    }
    if (items.isEmpty()) {
      return; // nothing is missed yet
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

  /** What was sent and not answered is unsent again. */
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
    // The stream is let end by itself, but not waited for at length.
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

  /** Sends a message, or half-closes, if that may be done now; whether it was. */
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
              .setExistingId(item.existingId()));
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

  /** How long nothing happens by itself; more than 0, which would be for ever. */
  private long waitNanos() {
    long now = System.nanoTime();
    if (stream == null) {
      return unsent.isEmpty() ? Long.MAX_VALUE / 2 : Math.max(1, connectAt - now);
    }
    long wait = FAREWELL;
    if (!items.isEmpty()) {
      wait = Math.max(0, heardAt + options.silence.toNanos() - now) + 1_000_000;
    }
    // A batch that is due waits for the stream, which tells when it is ready.
    if (sendingEnded || unsent.isEmpty() || batchIsDue()) {
      return wait;
    }
    return Math.min(wait, Math.max(1, unsentSince + LINGER - now));
  }
}
