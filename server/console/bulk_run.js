// The bulk lookup that is under way: asks one chunk of rows after another and
// counts the outcomes. It goes on while other views are shown, and after the
// page was loaded again.
import { ApiError, backOff, stream } from "./api.js";
import { CHUNK, forgetRun, loadChunk, loadRun, saveChunk, saveRun, saveState } from "./bulk_store.js";
import { Feed } from "./feeds.js";
import { remember } from "./picture.js";
import { outcomeOf } from "./words.js";

const PARALLEL = 2;            // chunks at a time
const SHEET = 240;             // pictures of the contact sheet
const RATE_SECONDS = 20;       // the rate is that of this time
const TELL_MILLISECONDS = 150;
const SAVE_SECONDS = 2;        // a page that is closed loses this much, and asks it again
const LOCK = "portrait-bulk";

/**
 * `run`: null, or {name, tenant, header, rows, column, countryColumn, country,
 * size, fresh, state: "running" | "paused" | "done"}. `counts`: by outcome.
 */
export const bulk = Object.assign(new Feed(), {
  run: null, counts: {}, done: 0, retryable: 0, sheet: [], trouble: "", otherTab: false,
});

let controller = null;
let ticks = new Map();  // second → results, of the last RATE_SECONDS
let news = 0;

// Results may come by the thousand per second; a few pictures of it are enough.
function tellSoon() {
  news ||= setTimeout(() => { news = 0; bulk.tell(); }, TELL_MILLISECONDS);
}

const secondNow = () => Math.floor(Date.now() / 1000);

function reset() {
  Object.assign(bulk, { counts: {}, done: 0, retryable: 0, sheet: [], trouble: "", otherTab: false });
  ticks = new Map();
}

// ---- counting

// A later answer to the row replaces none: each row is counted once.
function countResult(row, result, isNew) {
  const outcome = result.error ? "error" : outcomeOf(result);
  bulk.counts[outcome] = (bulk.counts[outcome] ?? 0) + 1;
  ++bulk.done;
  if (result.error?.retryAfter) ++bulk.retryable;
  if (outcome === "available") {
    bulk.sheet.push({ row, picture: result.profilePicture });
    if (bulk.sheet.length > SHEET) bulk.sheet.shift();
    remember(result.profilePicture);
  }
  if (isNew) ticks.set(secondNow(), (ticks.get(secondNow()) ?? 0) + 1);
}

/** {perSecond, seconds: until the end, or undefined}. */
export function paceOfRun() {
  const now = Date.now() / 1000;
  for (const second of ticks.keys()) {
    if (now - second > RATE_SECONDS) ticks.delete(second);
  }
  const span = Math.max(1, now - Math.min(...ticks.keys(), now));
  const perSecond = [...ticks.values()].reduce((a, b) => a + b, 0) / span;
  const left = (bulk.run?.rows ?? 0) - bulk.done;
  return { perSecond, seconds: perSecond > 0 && left > 0 ? left / perSecond : undefined };
}

// ---- asking

const cellOf = (row, column) => (column < 0 ? "" : (row[column] ?? "").trim());
const NO_CONTACT = { error: { reason: "ERROR_REASON_INVALID_CONTACT", message: "the row has no contact" } };

function itemOf(row, tag, run) {
  const country = cellOf(row, run.countryColumn).toUpperCase();
  return JSON.stringify({ tag, contact: cellOf(row, run.column),
    ...(/^[A-Z]{2}$/.test(country) && { country }) });
}

async function askChunk(number, signal) {
  const { run } = bulk;
  const chunk = await loadChunk(number);
  const results = chunk.results ?? new Array(chunk.rows.length).fill(null);
  const settle = (at, result) => {
    if (results[at] !== null) return;
    results[at] = result;
    countResult(number * CHUNK + at, result, true);
    tellSoon();
  };
  chunk.rows.forEach((row, at) => {
    if (cellOf(row, run.column) === "") settle(at, NO_CONTACT);
  });
  let saved = secondNow();
  for (let failures = 0; results.includes(null);) {
    const lines = chunk.rows.flatMap((row, at) => (results[at] === null ? [itemOf(row, at + 1, run)] : []));
    const query = new URLSearchParams({ size: run.size, ...(run.fresh && { maxAge: "0s" }),
      ...(run.country && { defaultCountry: run.country }) });
    try {
      for await (const result of stream("POST", `v1/profilePictures:enrich?${query}`, {
        body: lines.join("\n"), type: "application/x-ndjson", signal })) {
        failures = 0;
        bulk.trouble = "";
        const { tag, ...rest } = result;
        settle(Number(tag) - 1, rest);
        if (secondNow() - saved < SAVE_SECONDS) continue;
        saved = secondNow();
        saveChunk(number, { ...chunk, results: [...results] });
      }
    } catch (error) {
      if (!signal.aborted && error instanceof ApiError && [400, 401, 403].includes(error.status)) throw error;
      bulk.trouble = signal.aborted ? "" : error.message;
      tellSoon();
    } finally {
      await saveChunk(number, { ...chunk, results });
    }
    if (signal.aborted) return;
    if (results.includes(null)) {
      await backOff(failures++, signal);
    }
  }
}

// Only one tab works on the list; another shows that it waits.
async function withLock(signal, work) {
  if (!navigator.locks) return work();
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock) return work();
    bulk.otherTab = true;
    bulk.tell();
  });
  if (!bulk.otherTab || signal.aborted) return;
  await navigator.locks.request(LOCK, { signal }, async () => {
    await recount();
    await work();
  }).catch((error) => { if (!signal.aborted) throw error; });
}

async function work(signal) {
  const chunks = Math.ceil(bulk.run.rows / CHUNK);
  let next = 0;
  const worker = async () => {
    while (next < chunks && !signal.aborted) {
      const number = next++;
      if (!bulk.complete.has(number)) {
        await askChunk(number, signal);
        if (!signal.aborted) bulk.complete.add(number);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  if (!signal.aborted) await setState("done");
}

async function setState(state) {
  bulk.run.state = state;
  await saveState(bulk.run);
  bulk.tell();
}

async function go() {
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;
  bulk.otherTab = false;
  await setState("running");
  try {
    await withLock(signal, () => work(signal));
  } catch (error) {
    if (signal.aborted) return;
    controller.abort();
    bulk.trouble = error.message;
    await setState("paused");
  }
}

// Counts what the database has.
async function recount() {
  reset();
  bulk.complete = new Set();
  for (let n = 0; n * CHUNK < bulk.run.rows; ++n) {
    const chunk = await loadChunk(n);
    const results = chunk?.results ?? [];
    results.forEach((result, at) => result && countResult(n * CHUNK + at, result, false));
    if (results.length > 0 && !results.includes(null)) bulk.complete.add(n);
  }
}

// ---- what the view calls

export async function startRun(run, rows) {
  controller?.abort();
  reset();
  bulk.complete = new Set();
  bulk.run = { ...run, rows: rows.length, state: "running" };
  await saveRun(bulk.run, rows);
  go();
}

export async function pauseRun() {
  controller?.abort();
  await setState("paused");
}

export const resumeRun = () => go();

/** Asks again about rows whose error may pass. */
export async function retryFailed() {
  for (let n = 0; n * CHUNK < bulk.run.rows; ++n) {
    const chunk = await loadChunk(n);
    if (!chunk.results?.some((r) => r?.error?.retryAfter)) continue;
    chunk.results = chunk.results.map((r) => (r?.error?.retryAfter ? null : r));
    await saveChunk(n, chunk);
  }
  await recount();
  go();
}

/** Stops, and deletes the list and its results from this browser. */
export async function discardRun() {
  controller?.abort();
  bulk.run = null;
  reset();
  await forgetRun().catch(() => {});
  bulk.tell();
}

/** Finds the run that an earlier page of the same tenant began. */
export async function findRun(tenant) {
  const run = await loadRun().catch(() => undefined);
  if (!run) return;
  if (run.tenant !== tenant) {
    await forgetRun();
    return;
  }
  bulk.run = run;
  await recount();
  bulk.tell();
  if (run.state === "running") go();
}

/** Stops, and keeps what is stored for the next sign-in. */
export function leaveRun() {
  controller?.abort();
  bulk.run = null;
  reset();
  bulk.tell();
}
