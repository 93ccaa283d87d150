// What goes on in the background while someone is signed in, whichever view is
// shown: the accounts' states with their recent past, and the changes.
import { ApiError, backOff, call, events, sleep } from "./api.js";

const ACCOUNTS_SECONDS = 3;
const MAX_SAMPLES = 400;    // of each account: 20 minutes
const MAX_CHANGES = 1000;

export class Feed extends EventTarget {
  tell() {
    this.dispatchEvent(new Event("news"));
  }

  /** Calls `listener` now and at each news; returns what ends that. */
  follow(listener) {
    this.addEventListener("news", listener);
    listener();
    return () => this.removeEventListener("news", listener);
  }
}

// A browser opens six connections to a server. A page that is not looked at gives
// its connection back, so that many tabs do not block one another.
const HIDDEN_SECONDS = 20;

function whenVisible(signal) {
  return new Promise((resolve) => {
    if (!document.hidden || signal.aborted) return resolve();
    const listener = () => document.hidden || (document.removeEventListener("visibilitychange", listener), resolve());
    document.addEventListener("visibilitychange", listener);
    signal.addEventListener("abort", resolve, { once: true });
  });
}

/** A signal that is aborted with `outer`, or when the page has been hidden for a while. */
function whileVisible(outer) {
  const own = new AbortController();
  let timer = 0;
  const listener = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => own.abort(), 1000 * HIDDEN_SECONDS);
  };
  document.addEventListener("visibilitychange", listener);
  outer.addEventListener("abort", () => own.abort(), { once: true });
  own.signal.addEventListener("abort", () => document.removeEventListener("visibilitychange", listener));
  return own;
}

// ---- accounts

/** {sessions: undefined until known, error, samples: name → [{time, lookups, failures}]} */
export const accounts = Object.assign(new Feed(), {
  sessions: undefined, error: null, samples: new Map(),
  wake: () => {},
});

function sample(sessions) {
  const time = Date.now();
  const next = new Map();
  for (const one of sessions) {
    const past = accounts.samples.get(one.session) ?? [];
    past.push({ time, lookups: Number(one.lookups ?? 0), failures: Number(one.failures ?? 0) });
    next.set(one.session, past.slice(-MAX_SAMPLES));
  }
  accounts.samples = next;
}

async function followAccounts(signal) {
  while (!signal.aborted) {
    await whenVisible(signal);
    try {
      const { sessions = [] } = await call("GET", "v1/sessions", undefined, { signal });
      sample(sessions);
      accounts.sessions = sessions;
      accounts.error = null;
    } catch (error) {
      if (signal.aborted) return;
      accounts.error = error;
    }
    accounts.tell();
    await Promise.race([
      sleep(1000 * ACCOUNTS_SECONDS, signal),
      new Promise((resolve) => { accounts.wake = resolve; }),
    ]);
  }
}

// ---- changes

/** {state: "connecting" | "live" | "waiting", list: newest first, error} */
export const changes = Object.assign(new Feed(), {
  state: "connecting", list: [], error: null, lastId: "",
  /** Changes since the view was open, but for first sights of a contact. */
  unseen: 0, isWatched: false,
  /** Shows the stored changes as well, from the oldest on. */
  restart: () => {},
});

function take(event) {
  changes.lastId = event.id;
  const fresh = event.data?.changes ?? [];
  if (fresh.length === 0) return;
  changes.list = [...fresh.reverse(), ...changes.list].slice(0, MAX_CHANGES);
  if (changes.isWatched) return;
  changes.unseen += fresh.filter((c) => c.kind !== "CHANGE_KIND_FIRST_SEEN").length;
}

async function followChanges(signal) {
  for (let failures = 0; !signal.aborted;) {
    await whenVisible(signal);
    const visible = whileVisible(signal);
    try {
      for await (const event of events("v1/changes", { lastId: changes.lastId, signal: visible.signal })) {
        failures = 0;
        take(event);
        changes.state = "live";
        changes.error = null;
        changes.tell();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (visible.signal.aborted) continue;
      // The changes after the last one were deleted: from now on.
      if (error instanceof ApiError && error.code === 11) changes.lastId = "";
      if (error.status === 403) return;
      changes.error = error;
    } finally {
      visible.abort();
    }
    changes.state = "waiting";
    changes.tell();
    await backOff(failures++, signal);
  }
}

function startChanges(outer) {
  let own = new AbortController();
  outer.addEventListener("abort", () => own.abort());
  changes.restart = (from) => {
    own.abort();
    own = new AbortController();
    Object.assign(changes, { list: [], lastId: from, state: "connecting", unseen: 0 });
    changes.tell();
    followChanges(own.signal);
  };
  changes.restart("");
}

// ----

let running = null;

export function startFeeds(may) {
  stopFeeds();
  running = new AbortController();
  if (may("ADMIN")) followAccounts(running.signal);
  if (may("WATCH")) startChanges(running.signal);
}

export function stopFeeds() {
  running?.abort();
  running = null;
  Object.assign(accounts, { sessions: undefined, error: null, samples: new Map() });
  Object.assign(changes, { list: [], lastId: "", state: "connecting", error: null, unseen: 0 });
}
