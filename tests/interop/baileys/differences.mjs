// Finds the differences between the stanzas of two clients, and compares them
// with the table of accepted differences, DIFFERENCES.md.

import fs from 'node:fs';

import {shapeOf} from './stanza_shapes.mjs';

// The purpose of a stanza: stanzas of the same kind can be compared.
export function kindOf(stanza) {
  const {tag, attrs} = stanza;
  const children = Array.isArray(stanza.content) ? stanza.content : [];
  const first = children[0];
  const child = first ? ` <${first.tag}>` : '';
  if (tag === 'ack') return `ack of ${attrs.class} ${attrs.type ?? ''}`.trim();
  if (tag !== 'iq') return `${tag}${child}`;
  if (attrs.type === 'result' || attrs.type === 'error') {
    return `answer${child}`;
  }
  const about = `iq ${attrs.type} ${attrs.xmlns}${child}`;
  const stage = first?.attrs.stage;
  if (stage) return `${about} ${stage}`;
  if (attrs.xmlns === 'w:profile:picture') return about + pictureOf(stanza);
  if (attrs.xmlns === 'usync') return about + usersOf(first);
  return about;
}

const textOf = value => value?.text ?? value ?? '';

function pictureOf({attrs, content}) {
  const whose = textOf(attrs.target).endsWith('@g.us') ? 'group' : 'person';
  const known = content[0].attrs.id ? ', one known' : '';
  return ` ${content[0].attrs.type} of a ${whose}${known}`;
}

function usersOf(usync) {
  const list = usync.content.find(child => child.tag === 'list');
  return list.content[0].attrs.jid ? ' by JID' : ' by number';
}

// Each fact of a shape as a separate line.
function linesOf({tag, attrs, content}, path = '') {
  const here = `${path}/${tag}`;
  const lines = Object.entries(attrs).map(
      ([name, value]) => `${here} ${name}="${value}"`);
  if (Array.isArray(content)) {
    lines.push(...content.flatMap(child => linesOf(child, here)));
  } else {
    lines.push(`${here} = ${content}`);
  }
  // An empty element without attributes.
  return lines.length > 0 ? lines : [here];
}

// The same for a payload: an object of objects.
function fieldsOf(value, path) {
  if (value === null || typeof value !== 'object') return [`${path}=${value}`];
  return Object.entries(value).flatMap(
      ([name, field]) => fieldsOf(field, path ? `${path}.${name}` : name));
}

// Makes {kind: lines} from stanzas and from {name: payload}.
export function saidIn(stanzas, payloads = {}) {
  const said = new Map();
  const add = (kind, lines) =>
      said.set(kind, new Set([...(said.get(kind) ?? []), ...lines]));
  for (const stanza of stanzas) add(kindOf(stanza), linesOf(shapeOf(stanza)));
  for (const [name, payload] of Object.entries(payloads)) {
    add(`payload: ${name}`, fieldsOf(payload, ''));
  }
  return said;
}

// Returns {client, kind, difference} for each difference from Portrait.
export function differences(client, portrait, other) {
  const found = [];
  const compare = (kind, mine, its) => {
    const only = (who, these, those) => [...these]
        .filter(line => !those.has(line))
        .map(line => found.push({client, kind, difference: `${who}: ${line}`}));
    only('Portrait', mine, its);
    only(client, its, mine);
  };
  for (const kind of new Set([...portrait.keys(), ...other.keys()])) {
    const mine = portrait.get(kind);
    const its = other.get(kind);
    if (mine && its) {
      compare(kind, mine, its);
    } else {
      const who = mine ? 'Portrait' : client;
      found.push({client, kind, difference: `only ${who}`});
    }
  }
  return found;
}

// The rows of DIFFERENCES.md: | Clients | Stanza | Difference | Reason |. A `*`
// stands for any text.
export function documented(file) {
  return fs.readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line.startsWith('|') && !/^\|[\s:|-]*$/.test(line))
      .slice(1)
      .map(text => {
        const [clients, kind, difference, reason] =
            text.split('|').slice(1, -1).map(cell => cell.trim());
        const kinds = patternOf(kind);
        const differences = patternOf(difference);
        const is = one =>
            kinds.test(one.kind) && differences.test(one.difference);
        return {clients: clients.split(', '), reason, text, is};
      });
}

// The pattern of a table cell with code.
function patternOf(cell) {
  const parts = cell.replace(/^`|`$/g, '').split('*').map(
      part => part.replace(/[.+?^${}()[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

export const rowOf = ({client, kind, difference}) =>
    `| ${client} | \`${kind}\` | \`${difference}\` |`;
