// Cases for bulk lookups.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { ErrorReason, lookupErrorOf, PictureStateSchema, Registration } from "portrait-client";
import {
  checkOneEach, collect, connect, failsWith, numbers, patienceMs, quick, restartServer, Scripts,
  Source, waitUntil,
} from "./support.mjs";

function outcomeOf({ picture, error }) {
  if (error !== undefined) return `error: ${error.message}`;
  if (picture.registration === Registration.NOT_REGISTERED) return "not registered";
  return PictureStateSchema.value[picture.state].name;
}

export async function bulk_numbers(t, { count, outcomes, ...which }) {
  const contacts = numbers(count, which);
  const results = await collect(connect(t).enrich(contacts));
  checkOneEach(contacts, results);
  const got = {};
  for (const result of results) got[outcomeOf(result)] = (got[outcomeOf(result)] ?? 0) + 1;
  assert.deepEqual(got, outcomes);
}

export async function bulk_killed(t, { count, kill_after: killAfter, ...which }) {
  const contacts = numbers(count, which);
  const kills = [...killAfter];
  const killing = [];
  const results = [];
  const troubles = [];
  const options = { ...quick, maxPending: 2000, onTrouble: (error) => troubles.push(error) };
  for await (const result of connect(t).enrich(contacts, options)) {
    results.push(result);
    if (results.length >= kills[0]) {
      kills.shift();
      killing.push(restartServer());
    }
  }
  await Promise.all(killing);
  checkOneEach(contacts, results);
  assert.ok(troubles.length >= 2);
}

export async function bulk_nothing(t) {
  assert.deepEqual(await collect(connect(t, "nobody").enrich([])), []);
}

export async function bulk_repeated(t, { contact, count }) {
  const items = Array.from({ length: count }, (_, context) => ({ contact, context }));
  const results = await collect(connect(t).enrich(items));
  assert.deepEqual(
    results.map(({ item }) => item.context).sort((a, b) => a - b), items.map((i) => i.context));
  for (const { picture } of results) assert.equal(picture.phoneNumber, contact);
}

export async function bulk_countries(t, { default_country: defaultCountry, rows }) {
  const items = rows.map(([contact, country, number]) => ({ contact, country, context: number }));
  const results = await collect(connect(t).enrich(items, { lookup: { defaultCountry } }));
  assert.equal(results.length, rows.length);
  for (const { item, picture, error } of results) {
    if (item.context !== "") assert.equal(picture.phoneNumber, item.context);
    else assert.equal(error.reason, ErrorReason.INVALID_CONTACT);
  }
}

export async function contact_length(t, { contact, bytes }) {
  const longest = contact.padEnd(bytes);
  // The length counts bytes: the last has fewer characters than that.
  const oversized = [`${longest} `, "é".repeat(bytes / 2 + 1)];
  const client = connect(t);
  const results = await collect(client.enrich([longest, ...oversized, contact]));
  assert.equal(results.length, 4);
  for (const { item, picture, error } of results) {
    if (oversized.includes(item.contact)) {
      assert.equal(error.reason, ErrorReason.INVALID_CONTACT);
    } else {
      assert.equal(picture.phoneNumber, contact);
    }
  }
  assert.equal((await client.get(longest)).phoneNumber, contact);
  for (const each of oversized) {
    const { error } = await failsWith("INVALID_ARGUMENT", client.get(each));
    assert.equal(lookupErrorOf(error).reason, ErrorReason.INVALID_CONTACT);
  }
}

export async function bulk_slow(t, c) {
  const scripts = new Scripts(t);
  let got = 0;
  for await (const _ of scripts.enrich(c.script, numbers(c.count))) {
    if (got++ > 0) continue;
    await sleep(c.pause_seconds * 1000);
    const { sent } = await scripts.stats(c.script);
    assert.ok(sent < c.sent_at_most, sent);
  }
  assert.equal(got, c.count);
}

export async function bulk_window(t, c) {
  const source = new Source(numbers(c.count));
  let got = 0;
  for await (const _ of new Scripts(t).enrich(c.script, source, { maxPending: c.max_pending })) {
    if (got++ > 0) continue;
    await sleep(c.pause_seconds * 1000);
    // One result was received, and one item waits for room.
    assert.ok(source.taken <= c.max_pending + 2, source.taken);
  }
  assert.equal(got, c.count);
}

export async function bulk_trickle(t, { script }) {
  let firstIsThere;
  const first = new Promise((resolve) => { firstIsThere = resolve; });
  async function* source() {
    yield "+4915100000010";
    await first;
    yield ""; // answered without the server
    yield "+4915100000020";
  }
  let got = 0;
  for await (const _ of new Scripts(t).enrich(script, source())) {
    got++;
    firstIsThere();
  }
  assert.equal(got, 3);
}

export async function bulk_batches(t, { script, count, batch_items: batchItems }) {
  const results = await collect(new Scripts(t).enrich(script, numbers(count), { batchItems }));
  const sizes = results.map(({ picture }) => picture.name);
  const counts = sizes.map((size) => parseInt(size, 10));
  assert.equal(Math.max(...counts), batchItems);
  // Only the items of the first message.
  const withOptions = sizes.filter((size) => size.endsWith("+"));
  assert.deepEqual([...new Set(withOptions)], [`${withOptions.length}+`]);
}

export async function bulk_breaks(t, { script, items, together }) {
  const scripts = new Scripts(t);
  const contacts = numbers(items);
  for (let answered = 0; answered <= items; answered++) {
    for (const atOnce of together) {
      const name = script.replace("{answered}", answered).replace("{together}", atOnce);
      checkOneEach(contacts, await collect(scripts.enrich(name, contacts)));
      assert.ok((await scripts.stats(name)).calls <= 2, name);
    }
  }
}

export async function bulk_again(t, c) {
  const scripts = new Scripts(t);
  const contacts = numbers(c.count);
  const silenceMs = c.silence_seconds === undefined ? patienceMs : c.silence_seconds * 1000;
  checkOneEach(contacts, await collect(scripts.enrich(c.script, contacts, { silenceMs })));
  assert.ok((await scripts.stats(c.script)).calls >= c.calls_at_least);
}

export async function bulk_refused(t, { script, codes }) {
  const scripts = new Scripts(t);
  for (const code of codes) {
    const name = script.replace("{code}", code);
    await assert.rejects(collect(scripts.enrich(name, numbers(20))),
      (error) => error instanceof ConnectError && error.code === code);
    assert.equal((await scripts.stats(name)).calls, 1);
  }
}

export async function bulk_gives_up(t, { server, retry_for_seconds: seconds }) {
  const { ms } = await failsWith("UNAVAILABLE", collect(connect(t, server).enrich(
    ["+4915100000010"], { ...quick, retryForMs: seconds * 1000 })));
  assert.ok(ms >= seconds * 1000);
}

export async function bulk_unsendable(t, { script }) {
  const bad = ["", " \t", "9".repeat(1025), "+49\ud800", null, undefined, 5];
  const good = numbers(3);
  const results = await collect(new Scripts(t).enrich(script, [...bad, ...good]));
  assert.equal(results.length, bad.length + good.length);
  for (const { item, picture, error } of results) {
    if (bad.includes(item.contact)) {
      assert.equal(error.reason, ErrorReason.INVALID_CONTACT);
    } else {
      assert.equal(picture.phoneNumber, item.contact);
    }
  }
}

export async function bulk_source_fails(t, { script, count }) {
  const failure = new RangeError("line 11");
  function* source() {
    yield* numbers(count);
    throw failure;
  }
  const results = [];
  await assert.rejects(async () => {
    for await (const result of new Scripts(t).enrich(script, source())) results.push(result);
  }, failure);
  checkOneEach(numbers(count), results);
}

export async function bulk_cancelled(t, c) {
  const scripts = new Scripts(t);

  // Cancelled in the middle, by leaving the loop.
  const source = new Source(numbers(50_000));
  for await (const _ of scripts.enrich(c.script, source, { maxPending: 100 })) break;
  await waitUntil(() => source.closed);
  assert.ok(source.taken < 50_000);
  await waitUntil(async () => (await scripts.stats(c.script)).open === 0);

  // Cancelled by a signal, while no result arrives.
  const controller = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 200);
  const start = Date.now();
  await assert.rejects(collect(scripts.enrich(
    c.silent_script, numbers(10), { signal: controller.signal })), reason);
  assert.ok(Date.now() - start < c.within_seconds * 1000);
  await waitUntil(async () => (await scripts.stats(c.silent_script)).open === 0);
}

export async function bulk_newer(t, { script, count, unknown }) {
  const contacts = numbers(count, { step: 1 });
  const results = await collect(new Scripts(t).enrich(script, contacts));
  assert.deepEqual(results.map(({ item }) => item.contact).sort(), contacts);
  for (const { item, picture, error } of results) {
    switch (item.contact.at(-1)) {
      case "0":
      case "1":
        assert.equal(picture.state, unknown);
        assert.equal(picture.registration, unknown);
        break;
      case "2":
        assert.equal(error.reason, unknown);
        break;
      case "3":
        assert.equal(picture, undefined);
        assert.equal(error, undefined);
        break;
      default:
        assert.notEqual(picture, undefined);
    }
  }
}
