// Tests that Baileys accepts the simulated WhatsApp network, and gets its
// directory's facts.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';

import {BaileysClient, DisconnectReason} from './baileys_client.mjs';
import {makeFolder, Simulator} from './simulator.mjs';

const PHONE = '+15550100001';
const FIRST_NUMBER = 15550200000;

const jidOf = account => `${account.phone_number.slice(1)}@s.whatsapp.net`;

const STATES = {
  available: a => a.registered && a.picture_id && !a.picture_hidden,
  hidden: a => a.registered && a.picture_id && a.picture_hidden,
  none: a => a.registered && !a.picture_id,
  unregistered: a => !a.registered,
};

// The tests run with and without TLS.
for (const tls of [false, true]) {
  describe(tls ? 'over TLS' : 'without TLS', () => {
    const folder = makeFolder();
    const record = path.join(folder, 'stanzas.jsonl');
    const flags = ['--seed', '11', '--record', record];
    if (tls) flags.push('--tls');
    let simulator;
    let client;

    before(async () => {
      simulator = await new Simulator(folder, ...flags).start();
      client = new BaileysClient(simulator, path.join(folder, 'baileys'));
    });
    after(async () => {
      await client.close();
      await simulator.stop();
      fs.rmSync(folder, {recursive: true, force: true});
    });

    it('links by QR code and logs in', async () => {
      await client.connect((socket, qr) => simulator.scan(qr, PHONE));
      const me = client.socket.authState.creds.me;
      assert.match(me.id, /^15550100001:\d+@s\.whatsapp\.net$/);
      const account = await simulator.account(PHONE);
      assert.equal(me.lid.replace(/:\d+@/, '@'), account.lid);
      const stats = await simulator.call('GetStats');
      assert.equal(stats.pairings, 1);
      assert.equal(stats.logins, 1);
    });

    it('tells who is on WhatsApp', async () => {
      const numbers =
          Array.from({length: 60}, (unused, i) => `+${FIRST_NUMBER + i}`);
      const accounts =
          await Promise.all(numbers.map(n => simulator.account(n)));
      const found = await client.socket.onWhatsApp(...numbers);
      const registered = accounts.filter(a => a.registered).map(jidOf);
      assert.deepEqual(found.map(f => f.jid).sort(), registered.sort());
      assert.ok(found.every(f => f.exists));
      assert.ok(registered.length < numbers.length, 'some are not registered');
    });

    it('gives pictures, and says why there is none', async () => {
      for (const type of ['image', 'preview']) {
        for (const [state, wanted] of Object.entries(STATES)) {
          const account = await simulator.findAccount(FIRST_NUMBER, wanted);
          const answer = await client.picture(jidOf(account), type);
          if (state === 'available') {
            assert.match(answer, new RegExp(`_${account.picture_id}_`));
            assert.ok(answer.startsWith(simulator.endpoints.cdn), answer);
          } else {
            assert.equal(answer, state === 'hidden' ? 401 : 404, state);
          }
        }
      }
    });

    it('gives the same picture by LID', async () => {
      const account =
          await simulator.findAccount(FIRST_NUMBER, STATES.available);
      const answer = await client.picture(account.lid, 'image');
      assert.match(answer, new RegExp(`_${account.picture_id}_`));
    });

    it('tells of a picture that changes', async () => {
      const account =
          await simulator.findAccount(FIRST_NUMBER, STATES.available);
      const told = new Promise(resolve => {
        client.socket.ev.on('contacts.update', resolve);
      });
      await simulator.call('SetAccount', {
        account: {...account, picture_id: '1800000001'},
        notify: true,
      });
      const [update] = await told;
      assert.equal(update.id, jidOf(account));
      assert.equal(update.imgUrl, 'changed');
      const answer = await client.picture(jidOf(account), 'image');
      assert.match(answer, /_1800000001_/);
    });

    it('logs in again after the network restarted', async () => {
      await client.close();
      await simulator.stop();
      simulator = await new Simulator(folder, ...flags).start();
      client = new BaileysClient(simulator, path.join(folder, 'baileys'));
      await client.connect();
      const account =
          await simulator.findAccount(FIRST_NUMBER, STATES.available);
      assert.match(
          await client.picture(jidOf(account), 'image'),
          new RegExp(`_${account.picture_id}_`));
      const stats = await simulator.call('GetStats');
      assert.equal(stats.pairings, 0);
      assert.equal(stats.logins, 1);
    });

    it('did nothing that WhatsApp would refuse', async () => {
      const stats = await simulator.call('GetStats');
      assert.equal(stats.protocol_errors, 0, simulator.log());
    });

    it('is logged out when the phone unlinks it', async () => {
      const closed = client.closed();
      await simulator.call('UnlinkDevice', {phone_number: PHONE});
      assert.equal(
          (await closed).output.statusCode, DisconnectReason.loggedOut);
      await assert.rejects(
          client.connect(),
          error => error.output.statusCode === DisconnectReason.loggedOut);
    });
  });
}

describe('pairing by code', () => {
  const folder = makeFolder();
  let simulator;
  let client;

  before(async () => {
    simulator = await new Simulator(folder).start();
    client = new BaileysClient(simulator, path.join(folder, 'baileys'));
  });
  after(async () => {
    await client.close();
    await simulator.stop();
    fs.rmSync(folder, {recursive: true, force: true});
  });

  it('links when the phone types the right code', async () => {
    await client.connect(async socket => {
      // When requestPairingCode resolves, its request has been sent.
      await simulator.enter(
          await socket.requestPairingCode(PHONE.slice(1)), PHONE);
    });
    assert.match(client.socket.authState.creds.me.id, /^15550100001:/);
    const stats = await simulator.call('GetStats');
    assert.equal(stats.pairings, 1);
    assert.equal(stats.protocol_errors, 0, simulator.log());
  });
});
