// Tests that Portrait, Baileys and whatsmeow get the same results for the same
// people and groups.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, it} from 'node:test';

import {BaileysClient} from './baileys_client.mjs';
import {Portrait} from './portrait.mjs';
import {makeFolder, Simulator} from './simulator.mjs';
import {WHATSMEOW, Whatsmeow} from './whatsmeow.mjs';

const FIRST_NUMBER = 15550200000;
const PEOPLE = 80;
const GROUPS = [1, 2, 3].map(i => `12036304040000${i}@g.us`);
const GROUP_PICTURES = [
  {picture_id: '1800000001', picture_hidden: false},
  {picture_id: '1800000002', picture_hidden: true},
  {picture_id: '', picture_hidden: false},
];

const jidOf = number => `${number.replace('+', '')}@s.whatsapp.net`;
// URLs of a picture differ in their signatures.
const fileOf = url => url ? new URL(url).pathname : '';
const withoutPlus = text => text.replace('+', '');

// Converts each client's result for a picture to the same form.
const fromPortrait = row => ({
  state: row.state,
  image: fileOf(row.url),
  preview: fileOf(row.preview_url),
});
function fromBaileys(image, preview) {
  if (typeof image === 'string') {
    return {state: 'available', image: fileOf(image), preview: fileOf(preview)};
  }
  assert.equal(image, preview);
  const state = {401: 'hidden', 404: 'not_set'}[image];
  assert.ok(state, `error ${image}`);
  return {state, image: '', preview: ''};
}
function fromWhatsmeow(image, preview) {
  assert.equal(image.state, preview.state);
  return {
    state: image.state,
    image: fileOf(image.url),
    preview: fileOf(preview.url),
  };
}

// The two other clients do not distinguish an unregistered number from one
// without a picture.
const asOthersSeeIt = ({state, ...files}) =>
    ({state: state === 'not_registered' ? 'not_set' : state, ...files});

describe('side by side', () => {
  const folder = makeFolder();
  const numbers =
      Array.from({length: PEOPLE}, (unused, i) => `+${FIRST_NUMBER + i}`);
  let simulator, portrait, baileys, whatsmeow;
  let rows, groupRows;

  before(async () => {
    simulator =
        await new Simulator(folder, '--tls', '--seed', '11').start();
    for (const [i, group] of GROUPS.entries()) {
      await simulator.call(
          'SetAccount', {account: {phone_number: group, ...GROUP_PICTURES[i]}});
    }
    const list = path.join(folder, 'numbers');
    fs.writeFileSync(list, numbers.join('\n'));
    portrait = await new Portrait(simulator, path.join(folder, 'p')).start();
    await portrait.link('sales', '+15550100001');
    baileys = new BaileysClient(simulator, path.join(folder, 'baileys'));
    await baileys.connect(
        (socket, qr) => simulator.scan(qr, '+15550100002'));
    if (WHATSMEOW) {
      whatsmeow = new Whatsmeow(simulator, '+15550100003');
      await whatsmeow.ask({do: 'link'});
    }
    rows = (await portrait.run('enrich', list, '--size', 'both'))
               .map(row => row.portrait);
    groupRows = await portrait.run('get', ...GROUPS, '--size', 'both');
  });
  after(async () => {
    await whatsmeow?.stop();
    await baileys?.close();
    await portrait?.stop();
    await simulator.stop();
    fs.rmSync(folder, {recursive: true, force: true});
  });

  it('asks about people of every kind', () => {
    assert.equal(rows.length, PEOPLE);
    assert.deepEqual(
        new Set(rows.map(row => row.state)),
        new Set(['available', 'hidden', 'not_set', 'not_registered']));
    assert.ok(rows.some(row => row.business && row.name));
    assert.ok(rows.some(row => row.registered && !row.business));
  });

  it('Baileys hears who is on WhatsApp as Portrait does', async () => {
    const found = await baileys.socket.onWhatsApp(...numbers);
    assert.deepEqual(
        rows.filter(row => row.registered).map(row => row.jid).sort(),
        found.map(({jid}) => jid).sort());
  });

  it('Baileys hears who is a business as Portrait does', async () => {
    for (const row of rows.filter(row => row.registered).slice(0, 30)) {
      const profile = await baileys.socket.getBusinessProfile(row.jid);
      assert.equal(profile !== undefined, row.business, row.jid);
      if (row.name) {
        assert.match(profile.description, new RegExp(row.name));
      }
    }
  });

  it('Baileys hears of the same pictures as Portrait does', async () => {
    for (const row of [...rows, ...groupRows]) {
      const jid = row.jid || jidOf(row.phone);
      assert.deepEqual(
          fromBaileys(
              await baileys.picture(jid, 'image'),
              await baileys.picture(jid, 'preview')),
          asOthersSeeIt(fromPortrait(row)), jid);
    }
  });

  const skip = WHATSMEOW ? false : 'there is no Go';

  it('whatsmeow hears who is on WhatsApp as Portrait does', {skip},
     async () => {
       const people = await whatsmeow.ask({do: 'exists', numbers});
       const heard = new Map(people.map(one => [withoutPlus(one.number), one]));
       assert.equal(heard.size, PEOPLE);
       for (const row of rows) {
         const one = heard.get(withoutPlus(row.phone));
         assert.equal(one.registered, row.registered, row.phone);
         if (!row.registered) continue;
         assert.equal(one.jid, row.jid);
         assert.equal(one.lid, row.lid);
         assert.equal(one.business_name ?? '', row.name ?? '');
       }
     });

  it('whatsmeow hears the same picture ids and LIDs', {skip}, async () => {
    const registered = rows.filter(row => row.registered);
    const people = await whatsmeow.ask(
        {do: 'users', jids: registered.map(row => row.jid)});
    for (const row of registered) {
      const one = people[row.jid];
      assert.equal(one.lid, row.lid);
      assert.equal(one.picture_id ?? '', row.picture_id ?? '', row.jid);
    }
  });

  it('whatsmeow hears of the same pictures as Portrait does', {skip},
     async () => {
       for (const row of [...rows, ...groupRows]) {
         const jid = row.jid || jidOf(row.phone);
         const picture = {do: 'picture', jid};
         assert.deepEqual(
             fromWhatsmeow(
                 await whatsmeow.ask(picture),
                 await whatsmeow.ask({...picture, preview: true})),
             asOthersSeeIt(fromPortrait(row)), jid);
       }
     });

  it('did nothing that WhatsApp would refuse', async () => {
    const stats = await simulator.call('GetStats');
    assert.equal(stats.protocol_errors, 0, simulator.log());
  });
});
