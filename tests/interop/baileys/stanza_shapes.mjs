// Computes the shapes of stanzas that whatsapp-sim has recorded: the stanzas
// without values that differ from query to query.

import fs from 'node:fs';

import {proto} from 'baileys';

// Attributes whose values differ for each query, account or key.
const VARIABLE = new Set([
  'id', 'sid', 'target', 'jid', 'from', 'key-index', 'timestamp', 'ts',
  'device_hash',
]);

// The server part of a JID determines its kind.
const kindOf = text =>
    text.includes('@') ? `<${text.slice(text.indexOf('@'))}>` : '<text>';

function contentShape(tag, content) {
  if (content === undefined) return [];
  if (Array.isArray(content)) {
    const children = content.map(shapeOf);
    // The order of protocols in a query has no meaning.
    if (tag === 'query') {
      children.sort((a, b) => a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0);
    }
    // The number of users and keys varies.
    return tag === 'list' ? unique(children) : children;
  }
  if (content.hex === undefined) return kindOf(content.text ?? content);
  // A contact is "+" and digits. Other bytes vary.
  const text = Buffer.from(content.hex, 'hex').toString('latin1');
  if (tag === 'contact') return text.replace(/[0-9]+/, '<digits>');
  // The phone's signed identity, whose length varies.
  if (tag === 'device-identity') return '<bytes>';
  // "Chrome (Windows)", "Chrome (Mac OS)": Portrait draws the system per account.
  if (tag === 'companion_platform_display') return '<display name>';
  return `<${text.length} bytes>`;
}

export function unique(shapes) {
  const texts = new Set(shapes.map(shape => JSON.stringify(shape)));
  return [...texts].map(text => JSON.parse(text));
}

// Returns {tag, attrs, content}. `content` has the shapes of the children, or
// describes other content.
export function shapeOf(node) {
  const attrs = {};
  for (const name of Object.keys(node.attrs).sort()) {
    const value = node.attrs[name];
    attrs[name] =
        VARIABLE.has(name) ? kindOf(value.text ?? value) : value.text ?? value;
  }
  return {tag: node.tag, attrs, content: contentShape(node.tag, node.content)};
}

// Makes a node in the recorded form, for expectations.
export function node(tag, attrs = {}, ...content) {
  return content.length === 0 ? {tag, attrs} : {tag, attrs, content};
}

// read() returns the records since its last call: the payloads of connections,
// and the client's stanzas during pairing and afterwards.
export class Record {
  #length = 0;

  constructor(file) {
    this.file = file;
  }

  read() {
    const lines =
        fs.readFileSync(this.file, 'utf8').split('\n').filter(line => line);
    const records =
        lines.slice(this.#length).map(line => JSON.parse(line));
    this.#length = lines.length;
    const said = records.filter(record => record.node);
    return {
      payloads: records.filter(r => r.payload).map(r => readPayload(r.payload)),
      pairing: said.filter(r => !r.companion).map(r => r.node),
      stanzas: said.filter(r => r.companion).map(r => r.node),
    };
  }
}

// Parsed with Baileys' own definitions: only fields that were sent are present.
// Bytes are base64.
function readPayload({hex}) {
  const payload = proto.ClientPayload.decode(Buffer.from(hex, 'hex')).toJSON();
  const pairing = payload.devicePairingData;
  if (pairing) {
    const props = Buffer.from(pairing.deviceProps, 'base64');
    pairing.deviceProps = proto.DeviceProps.decode(props).toJSON();
  }
  return payload;
}
