package dev.portrait.client;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What is watched, and how. Each setter changes the object and returns it. */
public final class WatchOptions {
  String resumeToken = "";
  List<String> contacts = List.of();
  Duration retryFor = Duration.ofSeconds(Long.MAX_VALUE);
  Duration firstBackoff = Duration.ofMillis(200);
  Duration longestBackoff = Duration.ofSeconds(5);
  Duration silence = Duration.ofMinutes(1);
  Consumer<StatusRuntimeException> onTrouble = error -> {};

  /** Empty: from now on; "beginning": from the first change that is kept. */
  public WatchOptions resumeToken(String token) {
    resumeToken = token;
    return this;
  }

  /** Empty: every contact. */
  public WatchOptions contacts(List<String> contacts) {
    this.contacts = List.copyOf(contacts);
    return this;
  }

  /** Without a word from any server for this long, the watch fails. Default: never. */
  public WatchOptions retryFor(Duration duration) {
    retryFor = duration;
    return this;
  }

  /** Before a stream is tried again. Default: 200 ms, doubling up to 5 s. */
  public WatchOptions backoff(Duration first, Duration longest) {
    firstBackoff = first;
    longestBackoff = longest;
    return this;
  }

  /**
   * The server says something every 15 s. One that is silent for this long is taken for gone.
   * Default: a minute.
   */
  public WatchOptions silence(Duration duration) {
    silence = duration;
    return this;
  }

  /** Told why a stream broke, before it is tried again; on the iterating thread. */
  public WatchOptions onTrouble(Consumer<StatusRuntimeException> listener) {
    onTrouble = listener;
    return this;
  }
}
