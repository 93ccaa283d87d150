// Twice as long each time, with jitter, so that many clients do not come back to
// a restarted server at once.
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

// Lets one wait until another has something to tell.
export class Bell {
  #waiting = new Set();

  ring() {
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  // Until the next ring, or for `ms` (undefined: without an end).
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

// Reads a call one response at a time: the next is asked for when the last was
// taken, so flow control holds the server back. Rings `bell` when one has come,
// and at the end.
export class Reader {
  ended = false;
  error = undefined; // why it ended; undefined: well
  #response = undefined;
  #taken = new Bell();
  #abort = new AbortController();

  // `open` makes the call, which is to end with the signal it is given.
  constructor(open, bell) {
    this.#read(open, bell);
  }

  async #read(open, bell) {
    try {
      for await (const response of open(this.#abort.signal)) {
        this.#response = response;
        bell.ring();
        await this.#taken.wait();
        if (this.#abort.signal.aborted) return;
      }
    } catch (error) {
      this.error = error;
    } finally {
      this.ended = true;
      bell.ring();
    }
  }

  take() {
    const response = this.#response;
    this.#response = undefined;
    if (response !== undefined) this.#taken.ring();
    return response;
  }

  leave() {
    this.#abort.abort();
    this.#taken.ring();
  }
}
