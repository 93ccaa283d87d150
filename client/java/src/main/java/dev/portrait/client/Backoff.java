package dev.portrait.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Twice as long each time, with jitter, so that many clients do not come back to a restarted server
 * at once. In nanoseconds.
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
