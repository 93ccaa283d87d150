import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { lookupErrorOf } from "./errors.js";
import { Backoff } from "./streams.js";

const maxAttempts = 4;
const backoffOptions = { firstBackoffMs: 200, longestBackoffMs: 2_000 };
// If the server asks for a longer delay, the caller gets the error at once.
const longestRetryAfterMs = 5_000;

// The unary methods that can be repeated without harm.
const repeatable = new Set([
  "getProfilePicture", "batchGetProfilePictures", "listProfilePictureChanges", "forgetContact", "listSessions",
  "getSession", "pauseSession", "resumeSession", "listTokens", "getUsage", "listBackups",
  "getStoreStats",
]);

// A transport that adds the timeout to unary calls and retries them if the server is
// unavailable. Streams have no timeout.
export function unaryCalls(transport, defaultMs) {
  return {
    unary: async (method, signal, timeoutMs = defaultMs, ...rest) => {
      const end = performance.now() + timeoutMs;
      const backoff = new Backoff(backoffOptions);
      for (let attempt = 1; ; attempt++) {
        const leftMs = Math.max(1, Math.ceil(end - performance.now()));
        try {
          return await transport.unary(method, signal, leftMs, ...rest);
        } catch (error) {
          const waitMs = delayBeforeRetry(error, backoff.next());
          if (!repeatable.has(method.localName) || attempt === maxAttempts ||
              waitMs === undefined || performance.now() + waitMs > end || signal?.aborted) {
            throw error;
          }
          await sleep(waitMs, undefined, { signal });
        }
      }
    },
    stream: (...call) => transport.stream(...call),
  };
}

// In milliseconds; undefined if there must be no retry.
function delayBeforeRetry(error, jitterMs) {
  if (ConnectError.from(error).code !== Code.Unavailable) return undefined;
  const { retryAfter } = lookupErrorOf(error);
  if (retryAfter === undefined) return jitterMs;
  const retryAfterMs = Number(retryAfter.seconds) * 1000 + retryAfter.nanos / 1e6;
  // The jitter comes on top: the server asked for at least this delay.
  return retryAfterMs > longestRetryAfterMs ? undefined : retryAfterMs + jitterMs;
}
