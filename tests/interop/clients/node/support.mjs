// Helpers of the cases; see ../world.py and ../cases.json.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { Client } from "portrait-client";

// A generous limit, because the machine may be slow and shared.
export const patienceMs = 60_000;

export const { cases } = JSON.parse(readFileSync(process.env.PORTRAIT_CASES, "utf8"));
export const world = await (await fetch(process.env.PORTRAIT_WORLD)).json();

export const quick = { firstBackoffMs: 1, longestBackoffMs: 20, retryForMs: patienceMs };

export async function restartServer() {
  const response = await fetch(`${process.env.PORTRAIT_WORLD}restart`, { method: "POST" });
  assert.ok(response.ok);
}

// Makes a client of the named server, which is closed after test `t`.
export function connect(t, server = "main", options = {}) {
  const { address, token } = world.servers[server];
  const client = new Client(address, { token, ...options });
  t.after(() => client.close());
  return client;
}

// Returns numbers 10 apart; the scripted server decides by the last digit.
export function numbers(count, { prefix = "+49151", first = 10_000_000, step = 10 } = {}) {
  return Array.from({ length: count }, (_, i) =>
    prefix + String(first + i * step).padStart(14 - prefix.length, "0"));
}

export async function collect(results) {
  const all = [];
  for await (const result of results) all.push(result);
  return all;
}

export async function waitUntil(condition) {
  for (const end = Date.now() + patienceMs; !await condition(); await sleep(10)) {
    assert.ok(Date.now() < end, "not in time");
  }
}

// Awaits `promise`, which must fail with the code; returns the error and the
// time it took.
export async function failsWith(code, promise) {
  const start = Date.now();
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ConnectError, error);
    assert.equal(codeName(error.code), code, error);
    return { error, ms: Date.now() - start };
  }
  assert.fail(`${code} was expected`);
}

// Code.InvalidArgument as "INVALID_ARGUMENT".
export function codeName(code) {
  return Code[code].replace(/(?<=[a-z])([A-Z])/g, "_$1").toUpperCase()
    .replace("CANCELED", "CANCELLED");
}

// A source that counts the items taken, and notes when it was closed.
export class Source {
  taken = 0;
  closed = false;
  #contacts;

  constructor(contacts) {
    this.#contacts = contacts;
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (const contact of this.#contacts) {
        this.taken++;
        yield contact;
      }
    } finally {
      this.closed = true;
    }
  }
}

// The scripted server; each test has its own run of a script.
export class Scripts {
  #test;

  constructor(t) {
    this.#test = t.name;
    this.client = connect(t, "scripted");
  }

  name(script) {
    return `${script}#${this.#test}`;
  }

  enrich(script, items, options = {}) {
    return this.client.enrich(items, {
      ...quick, lookup: { session: this.name(script) }, ...options,
    });
  }

  // {calls: 1, sent: 7, open: 0}
  async stats(script) {
    const { name } = await this.client.get(`stats/${this.name(script)}`);
    return Object.fromEntries(name.split(" ").map((word) => word.split("="))
      .map(([key, value]) => [key, Number(value)]));
  }
}

export function checkOneEach(contacts, results) {
  assert.deepEqual(results.map(({ item }) => item.contact).sort(), [...contacts].sort());
  for (const { item, picture, error } of results) {
    assert.equal(error, undefined);
    assert.equal(picture.phoneNumber, item.contact);
  }
}
