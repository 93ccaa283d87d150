// Exponential backoff with jitter. The jitter prevents many clients from reconnecting
// to a restarted server at the same moment.
export class Backoff {
  #first;
  #longest;
  #current;

  constructor({ firstBackoffMs = 200, longestBackoffMs = 5_000 }) {
    this.#first = this.#current = firstBackoffMs;
    this.#longest = longestBackoffMs;
  }

  next() {
    const wait = this.#current * (0.5 + Math.random() / 2);
    this.#current = Math.min(2 * this.#current, this.#longest);
    return wait;
  }

  reset() {
    this.#current = this.#first;
  }
}

// Wakes all functions that wait for a change.
export class Notifier {
  #waiting = new Set();

  notify() {
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  // Waits until the next notify(), but at most `ms` milliseconds; undefined: no limit.
  wait(ms) {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => {
        this.#waiting.delete(wake);
        resolve();
      }, ms);
      const wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}

// Reads a call, one response at a time. It reads the next response only after the
// last one was taken, so flow control slows down a server that is too fast.
// Notifies `changed` when a response arrives and when the stream ends.
export class Reader {
  ended = false;
  error = undefined; // why the stream ended; undefined: successfully
  #response = undefined;
  #taken = new Notifier();
  #abort = new AbortController();

  // `open` starts the call and gets the signal that ends it.
  constructor(open, changed) {
    this.#read(open, changed);
  }

  async #read(open, changed) {
    try {
      for await (const response of open(this.#abort.signal)) {
        this.#response = response;
        changed.notify();
        await this.#taken.wait();
        if (this.#abort.signal.aborted) return;
      }
    } catch (error) {
      this.error = error;
    } finally {
      this.ended = true;
      changed.notify();
    }
  }

  take() {
    const response = this.#response;
    this.#response = undefined;
    if (response !== undefined) this.#taken.notify();
    return response;
  }

  leave() {
    this.#abort.abort();
    this.#taken.notify();
  }
}
