// Cases for watching changes.
import assert from "node:assert/strict";
import { ChangeKind } from "portrait-client";
import {
  collect, connect, failsWith, restartServer, Scripts, waitUntil,
} from "./support.mjs";

export async function watch_killed(t, { contacts: before, then }) {
  const client = connect(t);
  for (const contact of before) await client.get(contact);
  const contacts = [...before, then];
  const changes = [];
  let restarted = false;
  for await (const response of client.watch(
    { resumeToken: "beginning", contacts, firstBackoffMs: 10 })) {
    changes.push(...response.changes);
    if (changes.length === before.length && !restarted) {
      restarted = true;
      await restartServer();
      await collect(client.enrich([then]));
    }
    if (changes.length >= contacts.length) break;
  }
  assert.deepEqual(changes.map(({ phoneNumber }) => phoneNumber), contacts);
  for (const [i, { kind, sequence }] of changes.entries()) {
    assert.equal(kind, ChangeKind.FIRST_SEEN);
    assert.ok(i === 0 || sequence > changes[i - 1].sequence);
  }
}

export async function watch_resumes(t, { script, from, tokens }) {
  const scripts = new Scripts(t);
  const seen = [];
  await failsWith("PERMISSION_DENIED", (async () => {
    for await (const { changes } of scripts.client.watch(
      { resumeToken: from, contacts: [scripts.name(script)], firstBackoffMs: 1 })) {
      seen.push(...changes.map(({ oldId }) => oldId));
    }
  })());
  assert.deepEqual(seen, tokens);
}

export async function watch_cancelled(t, { script, within_seconds: within }) {
  const scripts = new Scripts(t);
  const controller = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 200);
  const start = Date.now();
  await assert.rejects(collect(scripts.client.watch(
    { contacts: [scripts.name(script)], signal: controller.signal })), reason);
  assert.ok(Date.now() - start < within * 1000);
  await waitUntil(async () => (await scripts.stats(script)).open === 0);
}

export async function watch_newer(t, { script, unknown }) {
  const scripts = new Scripts(t);
  for await (const { changes } of scripts.client.watch({ contacts: [scripts.name(script)] })) {
    assert.equal(changes[0].kind, unknown);
    break;
  }
}
