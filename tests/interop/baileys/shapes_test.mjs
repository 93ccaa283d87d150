// Tests that Portrait's stanzas have the same shape as those of Baileys,
// whatsmeow and whatsapp-rust for the same purpose, except for differences with
// a reason in DIFFERENCES.md; and the shape that WhatsApp Web's modules give
// them, see web_client_shapes.mjs.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';

import {BaileysClient} from './baileys_client.mjs';
import {differences, documented, rowOf, saidIn} from './differences.mjs';
import {Portrait} from './portrait.mjs';
import {makeFolder, Simulator, waitFor} from './simulator.mjs';
import {Record} from './stanza_shapes.mjs';
import {unlike} from './web_client_shapes.mjs';
import {
  useKeysOfWhatsappRust,
  WHATSAPP_RUST,
  WhatsappRust,
} from './whatsapp_rust.mjs';
import {WHATSMEOW, Whatsmeow} from './whatsmeow.mjs';

const PHONES = [1, 2, 3, 4, 5, 6, 7, 8].map(i => `+1555010000${i}`);
const NUMBERS = Array.from({length: 20}, (unused, i) => `+${15550200000 + i}`);
const GROUP = '120363040400001@g.us';
const FIRST_PREKEYS = 812;
const KNOWN_ID = '1';
const CALLER = '15550200000@s.whatsapp.net';

const visible = a => a.registered && a.picture_id && !a.picture_hidden;

// Removes values that differ between accounts, devices or releases; of bytes,
// only the number is kept.
function payloadShape(payload) {
  const shape = structuredClone(payload);
  shape.userAgent.appVersion.tertiary = '<revision>';
  if (shape.username) shape.username = '<number>';
  const pairing = shape.devicePairingData ?? {};
  for (const [name, value] of Object.entries(pairing)) {
    if (name === 'deviceProps') {
      assert.ok(value.os.length > 0);
      value.os = '<text>';
    } else {
      pairing[name] = `<${Buffer.from(value, 'base64').length} bytes>`;
    }
  }
  return shape;
}

// Pings are sent on idle connections, so their number is random.
const isPing = ({tag, attrs}) => tag === 'iq' && attrs.xmlns === 'w:p';

const isLogout = ({content}) =>
    Array.isArray(content) && content[0]?.tag === 'remove-companion-device';

// The records of one client's life: linked by a QR code, logged in, querying,
// notified, logged in again, logged out; and linked by a code to type.
class Life {
  constructor(record) {
    this.record = record;
    this.stanzas = [];
    this.payloads = [];
  }
  note() {
    const {payloads, pairing, stanzas} = this.record.read();
    this.payloads.push(...payloads);
    this.stanzas.push(...pairing, ...stanzas);
  }
  // The last stanza may not have been recorded yet.
  async noteUntilLogout() {
    await waitFor('the logout', () => {
      this.note();
      return this.stanzas.some(isLogout);
    });
  }
  notePairing() {
    this.stanzas.push(...this.record.read().pairing);
  }
  said() {
    const [registration, login, ...later] =
        this.payloads.map(payloadShape);
    return saidIn(this.stanzas.filter(stanza => !isPing(stanza)), {
      registration,
      login,
      'later login': later.at(-1),
    });
  }
}

describe('Portrait', () => {
  const folder = makeFolder();
  const list = path.join(folder, 'numbers');
  const lives = {};
  let simulator, record, account, stranger;

  // The notifications of the network to each client.
  async function tell(phoneNumber) {
    const deliver = stanza => simulator.call(
        'DeliverStanzas', {phone_number: phoneNumber, count: 1, ...stanza});
    await deliver({tag: 'receipt', from: CALLER, participant: CALLER});
    await deliver({tag: 'notification', type: 'server_sync'});
    await deliver({tag: 'call', from: CALLER});
    account.picture_id = String(Number(account.picture_id) + 1);
    await simulator.call('SetAccount', {account, notify: true});
    await simulator.call(
        'TakePrekeys', {phone_number: phoneNumber, count: FIRST_PREKEYS - 2});
    await acknowledged();
    await waitFor('new prekeys', async () => {
      const {left} = await simulator.call(
          'TakePrekeys', {phone_number: phoneNumber, count: 0});
      return left > 2;
    });
  }

  const acknowledged = () => waitFor('all to be acknowledged', async () => {
    const stats = await simulator.call('GetStats');
    return stats.unacknowledged_stanzas === 0;
  });

  // While a client is offline: more stanzas than the server sends before a
  // request.
  const keepWaiting = phoneNumber => simulator.call('DeliverStanzas', {
    phone_number: phoneNumber, tag: 'call', from: CALLER, count: 20,
  });

  async function live(name, phoneNumbers, run, linkByCode) {
    record.read();
    const life = new Life(record);
    await run(phoneNumbers[0], life);
    await life.noteUntilLogout();
    await linkByCode(phoneNumbers[1]);
    life.notePairing();
    lives[name] = life.said();
  }

  async function portrait(phoneNumber, life) {
    const client = new Portrait(simulator, path.join(folder, 'portrait'));
    await client.start();
    try {
      await client.link('sales', phoneNumber);
      await client.run('enrich', list, '--size', 'both');
      await client.run('get', GROUP);
      await client.run(
          'get', account.phone_number, '--existing-id', KNOWN_ID, '--max-age',
          '0');
      await client.run('get', stranger.lid, '--size', 'both');
      await tell(phoneNumber);
      life.note();
      await client.stop();
      await keepWaiting(phoneNumber);
      await client.start();
      await client.waitUntilReady('sales');
      await acknowledged();
      life.note();
      await client.command('session', 'logout', 'sales');
    } finally {
      await client.stop();
    }
  }

  async function portraitByCode(phoneNumber) {
    const client = new Portrait(simulator, path.join(folder, 'portrait-code'));
    await client.start();
    try {
      await client.link('typed', phoneNumber, {byCode: true});
    } finally {
      await client.stop();
    }
  }

  async function baileys(phoneNumber, life) {
    const client =
        new BaileysClient(simulator, path.join(folder, 'baileys'));
    try {
      await client.connect((socket, qr) => simulator.scan(qr, phoneNumber));
      const found = await client.socket.onWhatsApp(...NUMBERS);
      assert.ok(found.length > 0);
      for (const jid of [found[0].jid, stranger.lid]) {
        await client.picture(jid, 'image');
        await client.picture(jid, 'preview');
      }
      await client.picture(GROUP, 'image');
      await client.socket.fetchStatus(stranger.lid);
      await client.picture(
          `${account.phone_number.slice(1)}@s.whatsapp.net`, 'image');
      await tell(phoneNumber);
      life.note();
      await client.close();
      await keepWaiting(phoneNumber);
      await client.connect();
      await acknowledged();
      life.note();
      await client.socket.logout();
    } finally {
      await client.close();
    }
  }

  async function baileysByCode(phoneNumber) {
    const client =
        new BaileysClient(simulator, path.join(folder, 'baileys-code'));
    try {
      await client.connect(
          async socket => simulator.enter(
              await socket.requestPairingCode(phoneNumber.slice(1)),
              phoneNumber));
    } finally {
      await client.close();
    }
  }

  async function whatsmeow(phoneNumber, life) {
    const client = new Whatsmeow(simulator, phoneNumber);
    try {
      await client.ask({do: 'link'});
      await client.ask({do: 'exists', numbers: NUMBERS});
      const jid = `${account.phone_number.slice(1)}@s.whatsapp.net`;
      await client.ask({do: 'picture', jid});
      await client.ask({do: 'picture', jid, preview: true});
      await client.ask({do: 'picture', jid, id: KNOWN_ID});
      await client.ask({do: 'picture', jid: GROUP});
      for (const preview of [false, true]) {
        await client.ask({do: 'picture', jid: stranger.lid, preview});
      }
      await client.ask({do: 'users', jids: [stranger.lid]});
      await tell(phoneNumber);
      life.note();
      // No stanza is queued, so the client requests none.
      await client.ask({do: 'login'});
      life.note();
      await client.ask({do: 'logout'});
    } finally {
      await client.stop();
    }
  }

  async function whatsappRust(phoneNumber, life) {
    const client = new WhatsappRust(simulator, phoneNumber);
    try {
      await client.ask({do: 'link'});
      const jids = NUMBERS.map(number => `${number.slice(1)}@s.whatsapp.net`);
      await client.ask({do: 'exists', jids});
      const jid = `${account.phone_number.slice(1)}@s.whatsapp.net`;
      await client.ask({do: 'picture', jid, id: KNOWN_ID});
      await client.ask({do: 'picture', jid: GROUP});
      for (const preview of [false, true]) {
        await client.ask({do: 'picture', jid, preview});
        await client.ask({do: 'picture', jid: stranger.lid, preview});
      }
      await client.ask({do: 'users', jids: [stranger.lid]});
      await client.ask({do: 'groups', jids: [GROUP]});
      await tell(phoneNumber);
      life.note();
      await client.ask({do: 'login'});
      life.note();
      await client.ask({do: 'logout'});
    } finally {
      await client.stop();
    }
  }

  async function whatsappRustByCode(phoneNumber) {
    const client = new WhatsappRust(simulator, phoneNumber);
    try {
      await client.ask({do: 'link', code: true});
    } finally {
      await client.stop();
    }
  }

  async function whatsmeowByCode(phoneNumber) {
    const client = new Whatsmeow(simulator, phoneNumber);
    try {
      await client.ask({do: 'link', code: true});
    } finally {
      await client.stop();
    }
  }

  before(async () => {
    fs.writeFileSync(list, NUMBERS.join('\n'));
    record = new Record(path.join(folder, 'stanzas.jsonl'));
    useKeysOfWhatsappRust(folder);
    simulator =
        await new Simulator(folder, '--tls', '--seed', '11', '--record',
                            record.file)
            .start();
    account = await simulator.findAccount(15550200000, visible);
    account.picture_id = '1800000001';
    await simulator.call('SetAccount', {account});
    // A contact of which the client knows the LID only.
    stranger = await simulator.findAccount(15550300000, visible);
    await live('Portrait', PHONES.slice(0, 2), portrait, portraitByCode);
    await live('Baileys', PHONES.slice(2, 4), baileys, baileysByCode);
    if (WHATSMEOW) {
      await live('whatsmeow', PHONES.slice(4, 6), whatsmeow, whatsmeowByCode);
    }
    if (WHATSAPP_RUST) {
      await live(
          'whatsapp-rust', PHONES.slice(6, 8), whatsappRust,
          whatsappRustByCode);
    }
  });
  after(async () => {
    await simulator.stop();
    fs.rmSync(folder, {recursive: true, force: true});
  });

  const missing = {
    'Baileys': false,
    'whatsmeow': WHATSMEOW ? false : 'there is no Go',
    'whatsapp-rust': WHATSAPP_RUST ? false : 'there is no Cargo',
  };
  for (const [client, skip] of Object.entries(missing)) {
    it(`says what ${client} says, but for what is documented`, {skip}, () => {
      const found = differences(client, lives.Portrait, lives[client]);
      const table = documented(process.env.DIFFERENCES)
                        .filter(row => row.clients.includes(client));
      for (const row of table) assert.ok(row.reason, `no reason: ${row.text}`);
      const undocumented = found.filter(one => !table.some(row => row.is(one)));
      assert.deepEqual(undocumented.map(rowOf), [], 'not in DIFFERENCES.md');
      const gone = table.filter(row => !found.some(one => row.is(one)));
      assert.deepEqual(
          gone.map(row => row.text), [], 'in DIFFERENCES.md, but no more');
    });
  }

  it('says what the modules of WhatsApp Web say', () => {
    assert.deepEqual(unlike(lives.Portrait), []);
  });

  it('does nothing that other people may notice', async () => {
    const noticeable =
        [...lives.Portrait.keys()].filter(kind => /^(presence|receipt|message)/
                                                      .test(kind));
    assert.deepEqual(noticeable, []);
  });

  it('did nothing that WhatsApp would refuse', async () => {
    const stats = await simulator.call('GetStats');
    assert.equal(stats.protocol_errors, 0, simulator.log());
  });
});
