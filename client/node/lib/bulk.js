import { create } from "@bufbuild/protobuf";
import {
  EnrichProfilePicturesRequestSchema, ErrorReason, LookupErrorSchema, ProfilePictureSchema,
} from "../gen/portrait/v1/profile_picture_pb.js";
import { isTransient, unavailable } from "./errors.js";
import { withJson } from "./plain.js";
import { Backoff, Notifier, Reader } from "./streams.js";

// How long a message that is not full waits for more items.
const lingerMs = 5;
// How long the server may take to end a stream after its last result.
const farewellMs = 5_000;
// A stream that lasted this long counts as a successful connection.
const heldMs = 10_000;
const maxContactBytes = 1024;

// The state of one bulk lookup. Items are unsent, then sent, then settled. If a
// stream breaks, its sent items become unsent again. #changed is notified after
// every change.
export class BulkRun {
  #pictures;
  #options;
  #changed = new Notifier();

  #items = new Map(); // unsent and sent, by this client's tag
  #nextTag = 1n;
  #unsent = [];
  #unsentSince = 0;
  #settled = [];
  #handingOut = 0; // results that the caller is processing
  #input = undefined; // the source's iterator
  #inputOver = false;
  #inputError = undefined; // [the error that the source threw]
  #closed = false;

  #stream = undefined;
  #draining = false; // the server is shutting down; send no new items
  #connectedAt = 0;
  #heardAt = 0; // when the silence of the server began
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
    const wake = () => this.#changed.notify();
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
      // Do not await it: the source may be blocked in its own wait.
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
        await this.#add(typeof value === "object" && value !== null ? value : { contact: value });
      }
    } catch (error) {
      this.#inputError = [error];
    }
    this.#inputOver = true;
    this.#changed.notify();
  }

  async #add(item) {
    while (!this.#closed && this.#pending() >= this.#options.maxPending) {
      await this.#changed.wait();
    }
    const problem = unsendable(item);
    if (problem !== undefined) {
      this.#settled.push(resultOf(item, { error: invalidContact(problem) }));
    } else {
      if (this.#unsent.length === 0) this.#unsentSince = performance.now();
      this.#items.set(this.#nextTag, item);
      this.#unsent.push(this.#nextTag++);
      // Only the first item of a message, and the last, change anything.
      if (this.#unsent.length > 1 && this.#unsent.length < this.#options.batchItems) return;
    }
    this.#changed.notify();
  }

  #pending() {
    return this.#items.size + this.#settled.length + this.#handingOut;
  }

  // ---- requests; the next is generated after the last one passed flow control

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
        const { contact, existingId, country } = this.#items.get(tag);
        return { tag, contact, existingId, country };
      });
      yield create(EnrichProfilePicturesRequestSchema, { options, items });
      options = undefined;
    }
  }

  #mustEndSending(signal) {
    return signal.aborted || this.#draining || (this.#inputOver && this.#unsent.length === 0);
  }

  // Milliseconds until a message can be sent; undefined: not before a change.
  #waitForBatch() {
    if (this.#unsent.length === 0) return undefined;
    if (this.#inputOver || this.#unsent.length >= this.#options.batchItems) return 0;
    return Math.max(0, Math.ceil(this.#unsentSince + lingerMs - performance.now()));
  }

  // ---- results

  async #nextSettled() {
    this.#handingOut = 0;
    this.#heardAt = performance.now(); // the caller's time is not silence
    this.#changed.notify();
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
        this.#draining = true; // the item is sent again over a new stream
        continue;
      }
      const item = this.#items.get(tag);
      if (!this.#items.delete(tag)) continue;
      const found = {};
      if (outcome.case === "profilePicture") found.picture = outcome.value;
      if (outcome.case === "error") found.error = outcome.value;
      this.#settled.push(resultOf(item, found));
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
      this.#streamEnded(unavailable(`no message from the server within ${silenceMs} ms`));
    }
  }

  // `why` is undefined if the stream ended with OK.
  #streamEnded(why) {
    this.#leaveStream();
    const missing = this.#items.size;
    if (missing === 0 && (why === undefined || this.#inputOver)) return;
    why ??= unavailable(`the server ended the stream before it answered ${missing} items`);
    if (!isTransient(why)) throw why;
    if (missing === 0) return; // no result is missing
    const now = performance.now();
    if (this.#failingSince === undefined || now - this.#connectedAt > heldMs) {
      this.#failingSince = now;
    }
    if (now - this.#failingSince >= this.#options.retryForMs) throw why;
    this.#options.onTrouble?.(why);
    this.#connectAt = now + this.#backoff.next();
  }

  // Closes the stream; its items without a result become unsent.
  #leaveStream() {
    this.#stream?.leave();
    this.#stream = undefined;
    this.#draining = false;
    this.#unsent = [...this.#items.keys()];
    this.#unsentSince = performance.now();
    this.#changed.notify();
  }

  #finished() {
    if (!this.#inputOver || this.#items.size > 0) return false;
    // Wait for the server to end the stream, but not for long.
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

export function resultOf(item, { picture, error }) {
  const result = { item };
  if (picture !== undefined) result.picture = withJson(ProfilePictureSchema, picture);
  if (error !== undefined) result.error = withJson(LookupErrorSchema, error);
  return result;
}

export function invalidContact(message) {
  return create(LookupErrorSchema, { reason: ErrorReason.INVALID_CONTACT, message });
}

// Why an item cannot be sent; undefined if it can.
export function unsendable({ contact, existingId = "", country = "" }) {
  if (typeof contact !== "string") return "the contact is missing or is not a string";
  if (contact.trim() === "") return "the contact is empty: expected a phone number or JID";
  if (![contact, existingId, country].every((text) => text.isWellFormed())) {
    return "the contact, existingId or country is not valid Unicode";
  }
  if (Buffer.byteLength(contact) > maxContactBytes) {
    return `the contact is longer than ${maxContactBytes} bytes`;
  }
  return undefined;
}
