// Tests that Baileys works with the simulated WhatsApp network as with the real
// one: large queries, groups, keys, limits, disconnects and the ends of
// streams.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';

import {BaileysClient, DisconnectReason} from './baileys_client.mjs';
import {makeFolder, Simulator, waitFor} from './simulator.mjs';

const PHONE = '+15550100001';
const FIRST_NUMBER = 15550200000;
const GROUP = '120363040400001@g.us';
const OTHER_GROUP = '120363040400002@g.us';

// Baileys' timeout for answers, some of which are dropped here.
const QUERY_MS = 3_000;

const jidOf = account => `${account.phone_number.slice(1)}@s.whatsapp.net`;
const visible = a => a.registered && a.picture_id && !a.picture_hidden;

describe('Baileys', () => {
  const folder = makeFolder();
  let simulator;
  let client;

  const stats = () => simulator.call('GetStats');
  const prekeys = async () => {
    const {left} =
        await simulator.call('TakePrekeys', {phone_number: PHONE, count: 0});
    return left;
  };

  before(async () => {
    simulator = await new Simulator(folder, '--seed', '11').start();
    client = new BaileysClient(
        simulator, path.join(folder, 'baileys'),
        {defaultQueryTimeoutMs: QUERY_MS});
    await client.connect((socket, qr) => simulator.scan(qr, PHONE));
  });
  after(async () => {
    await client.close();
    await simulator.stop();
    fs.rmSync(folder, {recursive: true, force: true});
  });

  for (const count of [1, 50, 500]) {
    it(`asks about ${count} numbers at once`, async () => {
      const numbers =
          Array.from({length: count}, (unused, i) => `+${FIRST_NUMBER + i}`);
      const before = await stats();
      const found = await client.socket.onWhatsApp(...numbers);
      const now = await stats();
      assert.equal(now.usync_queries - before.usync_queries, 1);
      assert.equal(now.usync_users - before.usync_users, count);
      const accounts =
          await Promise.all(numbers.map(n => simulator.account(n)));
      assert.deepEqual(
          found.map(f => f.jid).sort(),
          accounts.filter(a => a.registered).map(jidOf).sort());
    });
  }

  it('gives the pictures of groups', async () => {
    const states = [
      [{picture_id: '1800000007', picture_hidden: false}, /_1800000007_/],
      [{picture_id: '1800000007', picture_hidden: true}, 401],
      [{picture_id: '', picture_hidden: false}, 404],
    ];
    for (const [picture, expected] of states) {
      await simulator.call(
          'SetAccount', {account: {phone_number: GROUP, ...picture}});
      for (const type of ['image', 'preview']) {
        const answer = await client.picture(GROUP, type);
        if (expected instanceof RegExp) {
          assert.match(answer, expected);
        } else {
          assert.equal(answer, expected);
        }
      }
    }
  });

  it('tells of a group picture that changes', async () => {
    await client.picture(OTHER_GROUP, 'image');
    const told = new Promise(resolve => {
      client.socket.ev.on('contacts.update', resolve);
    });
    await simulator.call('SetAccount', {
      account: {phone_number: OTHER_GROUP, picture_id: '1800000008'},
      notify: true,
    });
    const [update] = await told;
    assert.equal(update.id, OTHER_GROUP);
  });

  it('gives the profiles of businesses, and of nobody else', async () => {
    const shop = await simulator.findAccount(
        FIRST_NUMBER, a => a.is_business && a.verified_name);
    const profile = await client.socket.getBusinessProfile(jidOf(shop));
    assert.equal(profile.wid, jidOf(shop));
    assert.match(profile.description, new RegExp(shop.verified_name));
    const person = await simulator.findAccount(
        FIRST_NUMBER, a => a.registered && !a.is_business);
    assert.equal(
        await client.socket.getBusinessProfile(jidOf(person)), undefined);
  });

  it('has its keys taken, and brings more', async () => {
    const held = await prekeys();
    assert.ok(held > 100, `${held} prekeys`);
    await simulator.call(
        'TakePrekeys', {phone_number: PHONE, count: held - 2});
    await waitFor('new prekeys', async () => await prekeys() > 2);
    await client.socket.rotateSignedPreKey();
    await client.socket.digestKeyBundle();
  });

  it('is told how fast it may ask', async () => {
    await simulator.call('SetFaults', {rate_limit_per_session: 1});
    const account = await simulator.findAccount(FIRST_NUMBER, visible);
    const answers = [];
    for (let i = 0; i < 10; ++i) {
      answers.push(await client.picture(jidOf(account), 'image'));
    }
    assert.ok(answers.includes(429), answers.join());
    await simulator.call('SetFaults', {});
    assert.match(
        await client.picture(jidOf(account), 'image'), /^http/);
  });

  it('goes on when answers are dropped', async () => {
    const account = await simulator.findAccount(FIRST_NUMBER, visible);
    await simulator.call('SetFaults', {drop_probability: 1});
    // Baileys does not distinguish a missing answer from one without a picture.
    assert.equal(await client.picture(jidOf(account), 'image'), undefined);
    await simulator.call('SetFaults', {});
    assert.match(
        await client.picture(jidOf(account), 'image'), /^http/);
  });

  it('connects again after each end of a stream', async () => {
    const account = await simulator.findAccount(FIRST_NUMBER, visible);
    const ends = [
      ['515', DisconnectReason.restartRequired],
      ['503', DisconnectReason.unavailableService],
      ['replaced', DisconnectReason.connectionReplaced],
      ['', DisconnectReason.connectionClosed],
    ];
    for (const [streamError, statusCode] of ends) {
      const closed = client.closed();
      await simulator.call(
          'Disconnect', {phone_number: PHONE, stream_error: streamError});
      assert.equal((await closed).output.statusCode, statusCode, streamError);
      await client.connect();
      assert.match(
          await client.picture(jidOf(account), 'image'), /^http/);
    }
  });

  it('connects again when the line breaks at a question', async () => {
    const account = await simulator.findAccount(FIRST_NUMBER, visible);
    await simulator.call('SetFaults', {disconnect_probability: 1});
    const closed = client.closed();
    assert.doesNotMatch(
        String(await client.picture(jidOf(account), 'image')), /^http/);
    assert.equal(
        (await closed).output.statusCode, DisconnectReason.connectionClosed);
    await simulator.call('SetFaults', {});
    await client.connect();
  });

  it('fetches and acknowledges all that waited for it', async () => {
    await client.close();
    for (const tag of ['receipt', 'notification', 'call']) {
      await simulator.call('DeliverStanzas', {
        phone_number: PHONE,
        tag,
        type: tag === 'notification' ? 'server_sync' : '',
        from: '15550200000@s.whatsapp.net',
        count: 20,
      });
    }
    assert.equal((await stats()).unacknowledged_stanzas, 60);
    await client.connect();
    await waitFor(
        'an empty queue',
        async () => (await stats()).unacknowledged_stanzas === 0);
  });

  it('is refused while it is banned', async () => {
    await client.close();
    await simulator.call('RefuseLogins', {
      phone_number: PHONE, count: 1, reason: 402, code: 101,
      expire: {seconds: 3600},
    });
    await assert.rejects(client.connect(), error => {
      assert.equal(error.output.statusCode, 402);
      assert.equal(error.data.code, '101');
      assert.equal(error.data.expire, '3600');
      return true;
    });
    await client.connect();
  });

  it('logs out, and may not in again', async () => {
    const closed = client.closed();
    await client.socket.logout();
    assert.equal((await closed).output.statusCode, DisconnectReason.loggedOut);
    await assert.rejects(
        client.connect(),
        error => error.output.statusCode === DisconnectReason.loggedOut);
  });

  it('did nothing that WhatsApp would refuse', async () => {
    const {protocol_errors: errors} = await stats();
    assert.equal(errors, 0, simulator.log());
  });
});
