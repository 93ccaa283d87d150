package dev.portrait.client;

import dev.portrait.v1.LookupOptions;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.function.Consumer;

/** The options of a bulk lookup. Each setter changes the object and returns it. */
public final class BulkOptions {
  LookupOptions lookup = LookupOptions.getDefaultInstance();
  int batchItems = 500;
  int maxPending = 10_000;
  Duration retryFor = Duration.ofMinutes(2);
  Duration firstBackoff = Duration.ofMillis(200);
  Duration longestBackoff = Duration.ofSeconds(5);
  Duration silence = Duration.ofSeconds(30);
  Consumer<StatusRuntimeException> onTrouble = error -> {};

  /** How to look up all items. Default: every option has its default. */
  public BulkOptions lookup(LookupOptions lookup) {
    this.lookup = lookup;
    return this;
  }

  /** Items per message; the server accepts up to 1000. Default: 500. */
  public BulkOptions batchItems(int items) {
    batchItems = items;
    return this;
  }

  /**
   * Limits memory: the maximum number of items that were read from the source and whose result the
   * caller has not received. Default: 10,000.
   */
  public BulkOptions maxPending(int items) {
    maxPending = items;
    return this;
  }

  /**
   * If the streams keep breaking and no result arrives for this long, the lookup fails with the
   * error of the last stream. Default: two minutes. Zero: the lookup fails as soon as a stream
   * breaks.
   */
  public BulkOptions retryFor(Duration duration) {
    retryFor = duration;
    return this;
  }

  /** The first and the longest delay before a reconnect. Default: 200 ms and 5 s. */
  public BulkOptions backoff(Duration first, Duration longest) {
    firstBackoff = first;
    longestBackoff = longest;
    return this;
  }

  /**
   * The server sends a message at least every second while it has work. If no message arrives for
   * this long, the client reconnects. Default: 30 s.
   */
  public BulkOptions silence(Duration duration) {
    silence = duration;
    return this;
  }

  /** Gets the error of a stream that broke, before a reconnect, on the iterating thread. */
  public BulkOptions onTrouble(Consumer<StatusRuntimeException> listener) {
    onTrouble = listener;
    return this;
  }
}
