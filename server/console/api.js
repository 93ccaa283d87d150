// Calls portraitd. The browser sends the sign-in cookie; scripts cannot read it.

const BASE = "api";
/** Tells "signed-out" with the reason, whichever call was refused. */
export const bus = new EventTarget();

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.message || `portraitd answered ${status}`);
    this.status = status;
    this.code = body?.code;
    const details = body?.details ?? [];
    const of = (name) => details.find((d) => `${d["@type"]}`.endsWith(name));
    this.reason = of("ErrorInfo")?.reason;
    const delay = of("RetryInfo")?.retryDelay;
    this.retrySeconds = delay ? Number.parseFloat(delay) : undefined;
  }
}

/** portraitd could not be reached at all. */
class Unreachable extends Error {
  constructor() {
    super("portraitd does not answer. Is it running?");
  }
}

export function signedOut(reason) {
  bus.dispatchEvent(new CustomEvent("signed-out", { detail: reason }));
}

async function send(method, path, { body, signal, headers, quiet } = {}) {
  let response;
  try {
    response = await fetch(`${BASE}/${path}`, {
      method, body, signal, credentials: "same-origin", cache: "no-store",
      headers: { "X-Portrait-Console": "1", ...headers },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
  if (response.ok) return response;
  const error = new ApiError(response.status, await response.json().catch(() => null));
  if (error.status === 401 && !quiet) signedOut(error.message);
  throw error;
}

/** A call with JSON in and out. `quiet`: a refusal does not sign out. */
export async function call(method, path, message, options = {}) {
  const response = await send(method, path, {
    ...options,
    body: message === undefined ? undefined : JSON.stringify(message),
    headers: message === undefined ? {} : { "Content-Type": "application/json" },
  });
  return response.status === 204 ? {} : response.json();
}

/** The path of a route with one encoded part: part("v1/sessions/{}:pause", name). */
export const part = (template, value) =>
  template.replace("{}", encodeURIComponent(value));

async function* textLines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      yield* lines;
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A call whose answer is one JSON value per line, as they arrive. */
export async function* stream(method, path, { body, signal, type }) {
  const response = await send(method, path, {
    body, signal,
    headers: { Accept: "application/x-ndjson", "Content-Type": type ?? "application/json" },
  });
  for await (const line of textLines(response)) {
    if (!line) continue;
    const value = JSON.parse(line);
    if (value.status) throwStatus(value.status);
    yield value;
  }
}

// The error at the end of a stream, as google.rpc.Status.
function throwStatus(status) {
  const error = new ApiError(status.code === 16 ? 401 : 500, status);
  if (error.status === 401) signedOut(error.message);
  throw error;
}

/**
 * Server-sent events: {id, data} of each message, {id} of each heartbeat, until
 * the connection ends. (EventSource cannot send the header that protects us.)
 */
export async function* events(path, { lastId, signal }) {
  const response = await send("GET", path, {
    signal,
    headers: { Accept: "text/event-stream", ...(lastId && { "Last-Event-ID": lastId }) },
  });
  let event = {};
  for await (const line of textLines(response)) {
    if (line) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      event[field] = value;
      continue;
    }
    if (event.event === "error") throwStatus(JSON.parse(event.data));
    if (event.id) yield { id: event.id, data: event.data && JSON.parse(event.data) };
    event = {};
  }
}

const RETRY_SECONDS = [1, 2, 5, 10, 30];

/** Waits before another try, longer after each failure since the last success. */
export const backOff = (failures, signal) =>
  sleep(1000 * RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)], signal);

/** Resolves after a time, or at once if the signal is aborted. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

const PICTURE_TYPES = ["image/jpeg", "image/png", "image/webp"];

/** A picture that Portrait keeps, as a Blob; only of a type that is a picture. */
export async function fetchPicture(path, parameters) {
  const response = await send("GET", `${path}?${new URLSearchParams(parameters)}`);
  const blob = await response.blob();
  return PICTURE_TYPES.includes(blob.type) ? blob : null;
}
