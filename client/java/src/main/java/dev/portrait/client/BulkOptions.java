package dev.portrait.client;

import dev.portrait.v1.LookupOptions;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.function.Consumer;

/** How a bulk lookup is done. Each setter changes the object and returns it. */
public final class BulkOptions {
  LookupOptions lookup = LookupOptions.getDefaultInstance();
  int batchItems = 500;
  int maxPending = 10_000;
  Duration retryFor = Duration.ofMinutes(2);
  Duration firstBackoff = Duration.ofMillis(200);
  Duration longestBackoff = Duration.ofSeconds(5);
  Duration silence = Duration.ofSeconds(30);
  Consumer<StatusRuntimeException> onTrouble = error -> {};

  public BulkOptions lookup(LookupOptions lookup) {
    this.lookup = lookup;
    return this;
  }

  /** In a message; the server takes up to 1000. Default: 500. */
  public BulkOptions batchItems(int items) {
    batchItems = items;
    return this;
  }

  /**
   * Bounds memory: items that were taken and whose result was not handed out. Default: 10,000.
   */
  public BulkOptions maxPending(int items) {
    maxPending = items;
    return this;
  }

  /**
   * Without a single result for this long, and no stream that holds, the lookup fails with the last
   * stream's error. Default: two minutes. Zero: the first broken stream ends it.
   */
  public BulkOptions retryFor(Duration duration) {
    retryFor = duration;
    return this;
  }

  /** Before a stream is tried again. Default: 200 ms, doubling up to 5 s. */
  public BulkOptions backoff(Duration first, Duration longest) {
    firstBackoff = first;
    longestBackoff = longest;
    return this;
  }

  /**
   * The server says something every second while it has work. One that is silent for this long is
   * taken for gone. Default: 30 s.
   */
  public BulkOptions silence(Duration duration) {
    silence = duration;
    return this;
  }

  /** Told why a stream broke, before it is tried again; on the iterating thread. */
  public BulkOptions onTrouble(Consumer<StatusRuntimeException> listener) {
    onTrouble = listener;
    return this;
  }
}
