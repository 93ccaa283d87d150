// What Portrait says to WhatsApp has the shape of what other clients say:
// Baileys, recorded here, and whatsmeow, written down here as the version that
// ../whatsmeow tests was recorded.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';

import {BaileysClient} from './baileys_client.mjs';
import {Portrait} from './portrait.mjs';
import {makeFolder, Simulator} from './simulator.mjs';
import {node, Record, shapeOf, unique} from './stanza_shapes.mjs';

const BAILEYS_PHONE = '+15550100001';
const PORTRAIT_PHONE = '+15550100002';
const NUMBERS = Array.from({length: 20}, (unused, i) => `+${15550200000 + i}`);
const GROUP = '120363040400001@g.us';
const LID = '99887766554433@lid';

const SERVER = '@s.whatsapp.net';
const FIRST_PREKEYS = 812;

// ---- whatsmeow

// store/clientpayload.go, what both payloads have. It also sends an empty
// manufacturer, and to log in lc 1 and lidDbMigrated true; Baileys does not.
const WHATSMEOW_PAYLOAD = {
  userAgent: {
    platform: 'WEB',
    appVersion: {primary: 2, secondary: 3000, tertiary: '<revision>'},
    mcc: '000',
    mnc: '000',
    osVersion: '0.1',
    device: 'Desktop',
    osBuildNumber: '0.1',
    releaseChannel: 'RELEASE',
    localeLanguageIso6391: 'en',
    localeCountryIso31661Alpha2: 'US',
  },
  webInfo: {webSubPlatform: 'WEB_BROWSER'},
  connectType: 'WIFI_UNKNOWN',
  connectReason: 'USER_ACTIVATED',
};

const iq = (type, xmlns, attrs, ...content) =>
    node('iq', {id: '1', to: SERVER, type, xmlns, ...attrs}, ...content);

// user.go, usync(), as IsOnWhatsApp asks. It appends "@c.us" to the numbers, and
// its contact protocol has addressing_mode "lid"; Baileys does neither.
const usync = (protocols, user) => shapeOf(iq(
    'get', 'usync', {},
    node(
        'usync',
        {
          sid: '1',
          mode: 'query',
          last: 'true',
          index: '0',
          context: 'interactive',
        },
        node('query', {}, ...protocols), node('list', {}, user))));

const BUSINESS = node('business', {}, node('verified_name'));

// user.go, the protocols of GetUserInfo.
const WHATSMEOW_PROTOCOLS = [
  BUSINESS, node('status'), node('picture'), node('devices', {version: '2'}),
  node('lid'),
];

// user.go, GetProfilePictureInfo; `attrs` where it knows more.
const pictureQuery = (target, type, attrs = {}) => shapeOf(
    iq('get', 'w:profile:picture', {target},
       node('picture', {type, query: 'url', ...attrs})));

// prekeys.go and connectionevents.go: after a first login. whatsmeow asks for
// the count again once it has uploaded keys; Baileys does not.
const bytes = count => ({hex: '00'.repeat(count)});
const holding = (tag, count) => ({tag, attrs: {}, content: bytes(count)});
const WHATSMEOW_GREETING = [
  iq('get', 'encrypt', {}, node('count')),
  iq('set', 'encrypt', {}, holding('registration', 4), holding('type', 1),
     holding('identity', 32),
     node('list', {}, node('key', {}, holding('id', 3), holding('value', 32))),
     node('skey', {}, holding('id', 3), holding('value', 32),
          holding('signature', 64))),
  iq('set', 'passive', {}, node('active')),
].map(shapeOf);

// ---- what was recorded

const xmlnsIs = xmlns => stanza => stanza.attrs.xmlns === xmlns;

// Of the stanzas, those of a namespace: each shape once.
const shapes = (stanzas, xmlns) =>
    unique(stanzas.filter(xmlnsIs(xmlns)).map(shapeOf));

// What a client says of its keys and of being active.
const greeting = stanzas => stanzas.filter(
    stanza => ['encrypt', 'passive'].includes(stanza.attrs.xmlns));

const prekeyCount = stanzas =>
    stanzas.flatMap(stanza => stanza.content ?? [])
        .find(child => child.tag === 'list').content.length;

// Without what differs from one account, device or release to the next: of
// bytes only how many there are.
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
      pairing[name] = Buffer.from(value, 'base64').length;
    }
  }
  return shape;
}

describe('Portrait', () => {
  const folder = makeFolder();
  const list = path.join(folder, 'numbers');
  let simulator, client, portrait;
  // Recorded of Baileys, of Portrait, and of a Portrait that was started again.
  let baileys, first, again;
  let onWhatsApp, enriched;

  async function recordBaileys() {
    client = new BaileysClient(simulator, path.join(folder, 'baileys'));
    await client.connect((socket, qr) => simulator.scan(qr, BAILEYS_PHONE));
    onWhatsApp = await client.socket.onWhatsApp(...NUMBERS);
    for (const {jid} of onWhatsApp) {
      await client.picture(jid, 'image');
      await client.picture(jid, 'preview');
    }
    await client.picture(GROUP, 'image');
    await client.close();
  }

  async function recordPortrait() {
    portrait = await new Portrait(simulator, path.join(folder, 'p')).start();
    await portrait.link('sales', PORTRAIT_PHONE);
    enriched = await portrait.run('enrich', list, '--size', 'both');
    await portrait.run('get', GROUP);
    await portrait.run('get', GROUP, '--existing-id', '1', '--max-age', '0');
  }

  before(async () => {
    fs.writeFileSync(list, NUMBERS.join('\n'));
    const record = new Record(path.join(folder, 'stanzas.jsonl'));
    simulator = await new Simulator(folder, '--record', record.file).start();
    await recordBaileys();
    baileys = record.read();
    await recordPortrait();
    first = record.read();
    await portrait.stop();
    await portrait.start();
    await portrait.waitUntilReady('sales');
    await portrait.run('get', LID);
    again = record.read();
  });
  after(async () => {
    await client?.close();
    await portrait?.stop();
    await simulator.stop();
    fs.rmSync(folder, {recursive: true, force: true});
  });

  it('registers as they do', () => {
    assert.deepEqual(
        payloadShape(first.payloads[0]), payloadShape(baileys.payloads[0]));
    const {passive, pull, devicePairingData, ...common} =
        payloadShape(first.payloads[0]);
    assert.deepEqual(common, WHATSMEOW_PAYLOAD);
    assert.deepEqual({passive, pull}, {passive: false, pull: false});
    assert.equal(devicePairingData.deviceProps.requireFullSync, false);
  });

  it('is paired as they are', () => {
    const said = baileys.pairing.filter(stanza => stanza.tag === 'iq');
    assert.deepEqual(unique(first.pairing.map(shapeOf)),
                     unique(said.map(shapeOf)));
  });

  it('logs in as they do', () => {
    assert.deepEqual(
        payloadShape(first.payloads[1]), payloadShape(baileys.payloads[1]));
    assert.equal(first.payloads[1].username, PORTRAIT_PHONE.slice(1));
    const {username, device, passive, pull, lidDbMigrated, ...common} =
        payloadShape(first.payloads[1]);
    assert.deepEqual(common, WHATSMEOW_PAYLOAD);
    assert.deepEqual({passive, pull}, {passive: true, pull: true});
  });

  it('counts its logins as WhatsApp\'s own client does', () => {
    assert.equal(again.payloads.length, 1);
    assert.deepEqual(again.payloads[0], {...first.payloads[1], lc: 1});
  });

  it('uploads keys and becomes active as they do', () => {
    const said = greeting(first.stanzas);
    assert.deepEqual(said.map(shapeOf), WHATSMEOW_GREETING);
    assert.equal(prekeyCount(said), FIRST_PREKEYS);
    const others = greeting(baileys.stanzas);
    assert.deepEqual(others.slice(0, 3).map(shapeOf), WHATSMEOW_GREETING);
    assert.equal(prekeyCount(others), FIRST_PREKEYS);
  });

  it('asks who is on WhatsApp in their form', () => {
    const user = node('user', {}, {
      tag: 'contact',
      attrs: {},
      content: {hex: Buffer.from('+15550200000').toString('hex')},
    });
    assert.deepEqual(
        shapes(baileys.stanzas, 'usync')[0], usync([node('contact')], user));
    // With the protocols of whatsmeow's GetUserInfo that it has a use for:
    // one query tells all.
    const [contact, ...others] =
        [node('contact'), node('lid'), BUSINESS, node('picture')];
    assert.deepEqual(
        shapes(first.stanzas, 'usync'), [usync([contact, ...others], user)]);
    for (const protocol of others) {
      assert.ok(WHATSMEOW_PROTOCOLS.some(
          p => JSON.stringify(p) === JSON.stringify(protocol)));
    }
    // By LID there is no number to send, as in WhatsApp's own client.
    assert.deepEqual(
        shapes(again.stanzas, 'usync'),
        [usync(others, node('user', {jid: LID}))]);
  });

  it('asks for pictures in their form', () => {
    const user = NUMBERS[0].slice(1) + SERVER;
    const forms = [
      pictureQuery(user, 'image'),
      pictureQuery(user, 'preview'),
      pictureQuery(GROUP, 'image'),
    ];
    assert.deepEqual(shapes(baileys.stanzas, 'w:profile:picture'), forms);
    assert.deepEqual(
        shapes(first.stanzas, 'w:profile:picture'),
        [...forms, pictureQuery(GROUP, 'image', {id: '1'})]);
  });

  it('hears the same', () => {
    const registered = enriched.map(row => row.portrait)
                           .filter(row => row.registered)
                           .map(row => row.jid);
    assert.deepEqual(
        registered.sort(), onWhatsApp.map(found => found.jid).sort());
    assert.ok(registered.length > 0 && registered.length < NUMBERS.length);
  });

  it('did nothing that WhatsApp would refuse', async () => {
    const stats = await simulator.call('GetStats');
    assert.equal(stats.protocol_errors, 0, simulator.log());
  });
});
