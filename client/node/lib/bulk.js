import { create } from "@bufbuild/protobuf";
import {
  EnrichProfilePicturesRequestSchema, ErrorReason, LookupErrorSchema,
} from "../gen/portrait/v1/profile_picture_pb.js";
import { isTransient, unavailable } from "./errors.js";
import { Backoff, Bell, Reader } from "./streams.js";

// A message that is not full waits this long for more items.
const lingerMs = 5;
// How long the server may take to end a stream that has nothing left to do.
const farewellMs = 5_000;
// A stream that was up for this long was no failed attempt.
const heldMs = 10_000;
const maxContactBytes = 1024;

// One bulk lookup. Items are unsent, then sent, then settled; those of a stream
// that broke are unsent again. #changed rings when any of it has changed.
export class BulkRun {
  #pictures;
  #options;
  #changed = new Bell();

  #items = new Map(); // unsent and sent, by our own tag
  #nextTag = 1n;
  #unsent = [];
  #unsentSince = 0;
  #settled = [];
  #handingOut = 0; // settled, and not back from the caller
  #input = undefined; // the source's iterator
  #inputOver = false;
  #inputError = undefined; // [what the source threw]
  #closed = false;

  #stream = undefined;
  #draining = false; // the server shuts down: no new items
  #connectedAt = 0;
  #heardAt = 0; // or when the server began to owe us words
  #backoff;
  #connectAt = 0;
  #failingSince = undefined;

  constructor(pictures, options) {
    this.#pictures = pictures;
    this.#options = {
      batchItems: 500, maxPending: 10_000, retryForMs: 120_000, silenceMs: 30_000, ...options,
    };
    this.#backoff = new Backoff(options);
  }

  async *results(items) {
    const { signal } = this.#options;
    const wake = () => this.#changed.ring();
    signal?.addEventListener("abort", wake);
    try {
      signal?.throwIfAborted();
      this.#feed(items);
      for (;;) {
        const handed = await this.#nextSettled();
        if (handed === undefined) break;
        yield* handed;
      }
      if (this.#inputError !== undefined) throw this.#inputError[0];
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#closed = true;
      this.#leaveStream();
      // The source may be waiting itself; it hears when it looks up.
      if (!this.#inputOver) this.#input?.return?.()?.catch?.(() => {});
    }
  }

  // ---- the source

  async #feed(items) {
    try {
      this.#input = items[Symbol.asyncIterator]?.() ?? items[Symbol.iterator]();
      for (;;) {
        const { done, value } = await this.#input.next();
        if (done || this.#closed) break;
        await this.#add(typeof value === "string" ? { contact: value } : value);
      }
    } catch (error) {
      this.#inputError = [error];
    }
    this.#inputOver = true;
    this.#changed.ring();
  }

  async #add(item) {
    while (!this.#closed && this.#pending() >= this.#options.maxPending) {
      await this.#changed.wait();
    }
    const problem = unsendable(item);
    if (problem !== undefined) {
      const error = create(LookupErrorSchema, {
        reason: ErrorReason.INVALID_CONTACT, message: problem,
      });
      this.#settled.push({ item, error });
    } else {
      if (this.#unsent.length === 0) this.#unsentSince = performance.now();
      this.#items.set(this.#nextTag, item);
      this.#unsent.push(this.#nextTag++);
      // The rest of a message wakes nobody.
      if (this.#unsent.length > 1 && this.#unsent.length < this.#options.batchItems) return;
    }
    this.#changed.ring();
  }

  #pending() {
    return this.#items.size + this.#settled.length + this.#handingOut;
  }

  // ---- what goes out on a stream; asked for when the last has left

  async *#requests(signal) {
    let options = this.#options.lookup ?? {};
    for (;;) {
      while (!this.#mustEndSending(signal)) {
        const wait = this.#waitForBatch();
        if (wait === 0) break;
        await this.#changed.wait(wait);
      }
      if (this.#mustEndSending(signal)) return;
      if (this.#items.size === this.#unsent.length) this.#heardAt = performance.now();
      const tags = this.#unsent.splice(0, this.#options.batchItems);
      this.#unsentSince = performance.now();
      const items = tags.map((tag) => {
        const { contact, existingId } = this.#items.get(tag);
        return { tag, contact, existingId };
      });
      yield create(EnrichProfilePicturesRequestSchema, { options, items });
      options = undefined;
    }
  }

  #mustEndSending(signal) {
    return signal.aborted || this.#draining || (this.#inputOver && this.#unsent.length === 0);
  }

  // 0: there is one; undefined: not until something changes.
  #waitForBatch() {
    if (this.#unsent.length === 0) return undefined;
    if (this.#inputOver || this.#unsent.length >= this.#options.batchItems) return 0;
    return Math.max(0, Math.ceil(this.#unsentSince + lingerMs - performance.now()));
  }

  // ---- what comes back

  async #nextSettled() {
    this.#handingOut = 0;
    this.#heardAt = performance.now(); // while the caller worked, nobody listened
    this.#changed.ring();
    for (;;) {
      this.#options.signal?.throwIfAborted();
      this.#takeResponse();
      if (this.#settled.length > 0) {
        const handed = this.#settled;
        this.#settled = [];
        this.#handingOut = handed.length;
        return handed;
      }
      this.#checkStream();
      if (this.#finished()) return undefined;
      this.#connect();
      await this.#changed.wait(this.#waitMs());
    }
  }

  #takeResponse() {
    const response = this.#stream?.take();
    if (response === undefined) return;
    this.#heardAt = performance.now();
    for (const { tag, outcome } of response.results) {
      if (outcome.case === "error" && outcome.value.reason === ErrorReason.SHUTTING_DOWN) {
        this.#draining = true; // asked again over the next stream
        continue;
      }
      const item = this.#items.get(tag);
      if (!this.#items.delete(tag)) continue;
      const result = { item };
      if (outcome.case === "profilePicture") result.picture = outcome.value;
      if (outcome.case === "error") result.error = outcome.value;
      this.#settled.push(result);
      this.#failingSince = undefined;
      this.#backoff.reset();
    }
  }

  #checkStream() {
    if (this.#stream === undefined) return;
    const { silenceMs } = this.#options;
    if (this.#stream.ended) {
      this.#streamEnded(this.#stream.error);
    } else if (this.#items.size > this.#unsent.length &&
        performance.now() - this.#heardAt > silenceMs) {
      this.#streamEnded(unavailable(`no word from the server within ${silenceMs} ms`));
    }
  }

  // `why` is undefined when it ended well.
  #streamEnded(why) {
    this.#leaveStream();
    const missing = this.#items.size;
    if (missing === 0 && (why === undefined || this.#inputOver)) return;
    why ??= unavailable(`the server ended the stream with ${missing} items unanswered`);
    if (!isTransient(why)) throw why;
    if (missing === 0) return; // nothing is missed yet
    const now = performance.now();
    if (this.#failingSince === undefined || now - this.#connectedAt > heldMs) {
      this.#failingSince = now;
    }
    if (now - this.#failingSince >= this.#options.retryForMs) throw why;
    this.#options.onTrouble?.(why);
    this.#connectAt = now + this.#backoff.next();
  }

  // What was sent and not answered is unsent again.
  #leaveStream() {
    this.#stream?.leave();
    this.#stream = undefined;
    this.#draining = false;
    this.#unsent = [...this.#items.keys()];
    this.#unsentSince = performance.now();
    this.#changed.ring();
  }

  #finished() {
    if (!this.#inputOver || this.#items.size > 0) return false;
    // The stream is let end by itself, but not waited for at length.
    return this.#stream === undefined || performance.now() - this.#heardAt > farewellMs;
  }

  #connect() {
    if (this.#stream !== undefined || this.#unsent.length === 0 ||
        performance.now() < this.#connectAt) {
      return;
    }
    this.#connectedAt = this.#heardAt = performance.now();
    this.#stream = new Reader(
      (signal) => this.#pictures.enrichProfilePictures(this.#requests(signal), { signal }),
      this.#changed);
  }

  #waitMs() {
    const now = performance.now();
    if (this.#stream === undefined) {
      return this.#unsent.length > 0 ? Math.max(0, this.#connectAt - now) : undefined;
    }
    if (this.#items.size === 0) return this.#inputOver ? farewellMs : undefined;
    return Math.max(0, this.#heardAt + this.#options.silenceMs - now) + 1;
  }
}

// Why the server cannot be asked; undefined when it can.
function unsendable({ contact, existingId = "" }) {
  if (contact.trim() === "") return "no phone number or JID given";
  if (!contact.isWellFormed() || !existingId.isWellFormed()) return "not Unicode text";
  if (Buffer.byteLength(contact) > maxContactBytes) return `longer than ${maxContactBytes} bytes`;
  return undefined;
}
