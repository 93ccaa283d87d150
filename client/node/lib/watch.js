import { WatchProfilePictureChangesResponseSchema } from "../gen/portrait/v1/profile_picture_pb.js";
import { withJson } from "./plain.js";
import { isTransient, unavailable } from "./errors.js";
import { Backoff, Notifier, Reader } from "./streams.js";

// The server sends a message at least every 15 s.
const defaultSilenceMs = 60_000;

export async function* watch(pictures, options) {
  const { signal, contacts = [], silenceMs = defaultSilenceMs, retryForMs = Infinity } = options;
  const backoff = new Backoff(options);
  const changed = new Notifier();
  const wake = () => changed.notify();
  let resumeToken = options.resumeToken ?? "";
  let heardAt = performance.now();
  let listeningSince = heardAt;
  let stream;
  signal?.addEventListener("abort", wake);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (stream === undefined) {
        stream = new Reader((ended) => pictures.watchProfilePictureChanges(
          { resumeToken, contacts }, { signal: ended }), changed);
        listeningSince = performance.now();
      }
      const response = stream.take();
      if (response !== undefined) {
        backoff.reset();
        if (response.resumeToken !== "") resumeToken = response.resumeToken;
        yield withJson(WatchProfilePictureChangesResponseSchema, response);
        // The time that the caller took does not count as silence.
        heardAt = listeningSince = performance.now();
        continue;
      }
      const patience = listeningSince + silenceMs - performance.now();
      if (!stream.ended && patience > 0) {
        await changed.wait(Math.ceil(patience));
        continue;
      }
      const why = stream.error ?? unavailable(stream.ended
        ? "the server ended the stream" : `no message from the server within ${silenceMs} ms`);
      stream.leave();
      stream = undefined;
      if (!isTransient(why) || performance.now() - heardAt >= retryForMs) throw why;
      options.onTrouble?.(why);
      await pause(backoff.next(), changed, signal);
    }
  } finally {
    signal?.removeEventListener("abort", wake);
    stream?.leave();
  }
}

async function pause(ms, changed, signal) {
  const end = performance.now() + ms;
  while (performance.now() < end && !signal?.aborted) {
    await changed.wait(Math.ceil(end - performance.now()));
  }
}
