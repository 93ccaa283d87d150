// Cases for lookups of one contact, and for failed calls.
import assert from "node:assert/strict";
import {
  Client, ErrorReason, ErrorReasonSchema, isTransient, lookupErrorOf, PictureSizeSchema,
  PictureStateSchema, RegistrationSchema, Role, SourceSchema,
} from "portrait-client";
import { collect, connect, failsWith, Scripts, world } from "./support.mjs";

const nameOf = (schema, number) => schema.value[number].name;
const contact = "+4915200000001";

export async function unary(t, { server, token, call, picture, error }) {
  const client = connect(t, server, token === undefined ? {} : { token });
  const maxAge = call.max_age_seconds;
  const lookup = client.get(call.contact, {
    existingId: call.existing_id,
    options: {
      size: PictureSizeSchema.values.find(({ name }) => name === call.size)?.number,
      defaultCountry: call.default_country,
      maxAge: maxAge === undefined ? undefined : { seconds: BigInt(maxAge) },
    },
  });
  if (error !== undefined) {
    const why = lookupErrorOf((await failsWith(error.code, lookup)).error);
    assert.equal(nameOf(ErrorReasonSchema, why.reason), error.reason);
    assert.equal(why.retryAfter !== undefined, error.retry_after);
    assert.notEqual(why.message, "");
    return;
  }
  const got = await lookup;
  assert.equal(got.jid, picture.jid);
  assert.equal(nameOf(RegistrationSchema, got.registration), picture.registration);
  assert.equal(nameOf(PictureStateSchema, got.state), picture.state);
  assert.equal(got.id, picture.id);
  assert.equal(got.url !== "", picture.url);
  assert.equal(got.previewUrl !== "", picture.preview_url);
  assert.equal(got.isBusiness, picture.is_business ?? false);
  assert.equal(got.name, picture.name ?? "");
  if (picture.source !== undefined) {
    assert.equal(nameOf(SourceSchema, got.source), picture.source);
  }
  assert.ok(got.checkTime.seconds > 0n);
  const plain = JSON.parse(JSON.stringify({ got })).got;
  assert.equal(plain.state, picture.state);
  assert.equal(plain.id, picture.id);
  assert.match(plain.checkTime, /^\d{4}-\d\d-\d\dT.*Z$/);
}

export async function batch(t, { default_country: defaultCountry, rows, too_many: tooMany }) {
  const client = connect(t);
  const items = rows.map(([contact, country]) => ({ contact, country }));
  const results = await client.batchGet(items, { defaultCountry });
  assert.deepEqual(results.map(({ item }) => item), items);
  assert.deepEqual(
    results.map(({ picture, error }) => picture?.jid ?? nameOf(ErrorReasonSchema, error.reason)),
    rows.map((row) => row[2]));
  assert.match(JSON.stringify(results[0]), /"jid":"4915200000004@s.whatsapp.net"/);
  assert.deepEqual(await client.batchGet([]), []);
  await failsWith(tooMany.code, client.batchGet(Array(tooMany.items).fill(contact)));
}

export async function unary_retried(t, { script, calls, at_least_seconds: atLeast }) {
  const scripts = new Scripts(t);
  const start = performance.now();
  const { name } = await scripts.client.get(scripts.name(script));
  assert.equal(name, "found");
  assert.ok(performance.now() - start >= atLeast * 1000);
  assert.equal((await scripts.stats(script)).calls, calls);
}

export async function plain_text_token(t, { refused, accepted }) {
  const token = "secret";
  for (const address of refused) {
    assert.throws(() => new Client(address, { token }), /without encryption/);
    for (const options of [{}, { token, tls: true }, { token, allowPlaintext: true }]) {
      new Client(address, options).close();
    }
  }
  for (const address of accepted) new Client(address, { token }).close();
}

export async function unary_newer(t, { unknown }) {
  const got = await new Scripts(t).client.get("newer");
  assert.equal(got.state, unknown);
  assert.equal(got.registration, unknown);
}

export async function error_newer(t, { retry_after_seconds: seconds }) {
  const { error } = await failsWith("UNAVAILABLE", new Scripts(t).client.get("newer-error"));
  const why = lookupErrorOf(error);
  assert.equal(why.reason, ErrorReason.UNSPECIFIED);
  assert.equal(why.retryAfter.seconds, BigInt(seconds));
}

export async function deadline(t, { timeout_seconds: timeout, within_seconds: within }) {
  const timeoutMs = timeout * 1000;
  for (const lookUp of [
    () => new Scripts(t).client.get("silent", {}, { timeoutMs }),
    () => connect(t, "scripted", { timeoutMs }).get("silent"),
  ]) {
    const { ms } = await failsWith("DEADLINE_EXCEEDED", lookUp());
    assert.ok(ms < within * 1000);
  }
}

export async function unary_cancelled(t, { within_seconds: within }) {
  const signal = AbortSignal.timeout(100);
  const start = Date.now();
  await assert.rejects(new Scripts(t).client.get("silent", {}, { signal }));
  assert.ok(Date.now() - start < within * 1000);
}

export async function tls(t, { server, ca, certificate, works }) {
  const { certificates } = world;
  const client = connect(t, server, {
    caFile: certificates[ca],
    ...(certificate ? { certFile: certificates.client, keyFile: certificates.client_key } : {}),
  });
  if (works) {
    // No account is linked; after a successful handshake the server says so.
    await failsWith("FAILED_PRECONDITION", client.get(contact));
  } else {
    // Node.js has several codes for a handshake that failed.
    await assert.rejects(client.get(contact), (error) => isTransient(error) &&
      lookupErrorOf(error).reason === ErrorReason.UNSPECIFIED);
  }
}

export async function revoked(t) {
  const admin = connect(t);
  const { token, secret } = await admin.access.createToken({ tenant: "node", role: Role.LOOKUP });
  const client = connect(t, "main", { token: secret });
  let leave;
  async function* source() {
    yield contact;
    await new Promise((resolve) => { leave = resolve; });
  }
  const results = client.enrich(source());
  const watch = client.watch();
  await results.next();
  await watch.next(); // a heartbeat
  await admin.access.revokeToken({ tokenId: token.tokenId });
  await failsWith("UNAUTHENTICATED", collect(results));
  await failsWith("UNAUTHENTICATED", collect(watch)); // the contact may be a change
  await failsWith("UNAUTHENTICATED", client.get(contact));
  leave();
}
