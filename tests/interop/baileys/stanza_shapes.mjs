// What clients sent, as whatsapp-sim recorded it, without what differs from one
// query to the next: its shape.

import fs from 'node:fs';

import {proto} from 'baileys';

// Told apart for each query, account or key.
const VARIABLE =
    new Set(['id', 'sid', 'target', 'jid', 'from', 'key-index']);

// A JID's server says which kind of JID it is.
const kindOf = text =>
    text.includes('@') ? `<${text.slice(text.indexOf('@'))}>` : '<text>';

function contentShape(tag, content) {
  if (content === undefined) return [];
  if (Array.isArray(content)) {
    const children = content.map(shapeOf);
    // A protocol's place in a query means nothing.
    if (tag === 'query') {
      children.sort((a, b) => a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0);
    }
    // Users and keys come in any number.
    return tag === 'list' ? unique(children) : children;
  }
  if (content.hex === undefined) return kindOf(content.text ?? content);
  // A contact is "+" and digits. Other bytes differ from one to the next.
  const text = Buffer.from(content.hex, 'hex').toString('latin1');
  if (tag === 'contact') return text.replace(/[0-9]+/, '<digits>');
  // What the phone signed, of any length.
  if (tag === 'device-identity') return '<bytes>';
  return `<${text.length} bytes>`;
}

export function unique(shapes) {
  const texts = new Set(shapes.map(shape => JSON.stringify(shape)));
  return [...texts].map(text => JSON.parse(text));
}

// {tag, attrs, content}. `content` has the shapes of the children, or says what
// it is instead.
export function shapeOf(node) {
  const attrs = {};
  for (const name of Object.keys(node.attrs).sort()) {
    const value = node.attrs[name];
    attrs[name] =
        VARIABLE.has(name) ? kindOf(value.text ?? value) : value.text ?? value;
  }
  return {tag: node.tag, attrs, content: contentShape(node.tag, node.content)};
}

// A node as it is recorded, for expectations.
export function node(tag, attrs = {}, ...content) {
  return content.length === 0 ? {tag, attrs} : {tag, attrs, content};
}

// read() gives what was recorded since it was last called: the payloads of
// connections, what a client said while it was paired, and what afterwards.
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

// As Baileys' own definitions read it: a field is there if it was sent. Bytes
// are base64.
function readPayload({hex}) {
  const payload = proto.ClientPayload.decode(Buffer.from(hex, 'hex')).toJSON();
  const pairing = payload.devicePairingData;
  if (pairing) {
    const props = Buffer.from(pairing.deviceProps, 'base64');
    pairing.deviceProps = proto.DeviceProps.decode(props).toJSON();
  }
  return payload;
}
