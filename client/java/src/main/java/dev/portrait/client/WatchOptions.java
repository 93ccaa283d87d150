package dev.portrait.client;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The options of a watch. Each setter changes the object and returns it. */
public final class WatchOptions {
  String resumeToken = "";
  List<String> contacts = List.of();
  Duration retryFor = Duration.ofSeconds(Long.MAX_VALUE);
  Duration firstBackoff = Duration.ofMillis(200);
  Duration longestBackoff = Duration.ofSeconds(5);
  Duration silence = Duration.ofMinutes(1);
  Consumer<StatusRuntimeException> onTrouble = error -> {};

  /** Where to start. Empty: only changes from now on. "beginning": all stored changes. */
  public WatchOptions resumeToken(String token) {
    resumeToken = token;
    return this;
  }

  /** The contacts to watch. Empty: all contacts. */
  public WatchOptions contacts(List<String> contacts) {
    this.contacts = List.copyOf(contacts);
    return this;
  }

  /** The watch fails if no message arrives from any server for this long. Default: never. */
  public WatchOptions retryFor(Duration duration) {
    retryFor = duration;
    return this;
  }

  /** The first and the longest delay before a reconnect. Default: 200 ms and 5 s. */
  public WatchOptions backoff(Duration first, Duration longest) {
    firstBackoff = first;
    longestBackoff = longest;
    return this;
  }

  /**
   * The server sends a message at least every 15 s. If no message arrives for this long, the client
   * reconnects. Default: a minute.
   */
  public WatchOptions silence(Duration duration) {
    silence = duration;
    return this;
  }

  /** Gets the error of a stream that broke, before a reconnect, on the iterating thread. */
  public WatchOptions onTrouble(Consumer<StatusRuntimeException> listener) {
    onTrouble = listener;
    return this;
  }
}
