package dev.portrait.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Exponential backoff with jitter, in nanoseconds. The jitter prevents many clients from
 * reconnecting to a restarted server at the same moment.
 */
final class Backoff {
  private final long first;
  private final long longest;
  private long current;

  Backoff(Duration first, Duration longest) {
    this.first = first.toNanos();
    this.longest = longest.toNanos();
    reset();
  }

  long next() {
    long wait = (long) (current * ThreadLocalRandom.current().nextDouble(0.5, 1.0));
    current = Math.min(2 * current, longest);
    return wait;
  }

  void reset() {
    current = first;
  }
}
