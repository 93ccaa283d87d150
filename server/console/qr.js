// Draws QR codes: ISO/IEC 18004, byte mode, error correction level L, versions
// 1 to 20 (858 bytes; WhatsApp's codes have about 240).
import { s } from "./dom.js";

// For each version from 1 on: error correction bytes of a block, and blocks.
const CORRECTION = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
const LEVEL_L = 1;
const QUIET_ZONE = 4;

// ---- arithmetic in GF(256), modulo x^8 + x^4 + x^3 + x^2 + 1

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; ++i) {
  EXP[i] = EXP[i + 255] = value;
  LOG[value] = i;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}
const multiply = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

// The coefficients of (x - 2^0)(x - 2^1)…, without the leading 1.
function generatorOf(degree) {
  let polynomial = [1];
  for (let i = 0; i < degree; ++i) {
    const next = [...polynomial, 0];
    polynomial.forEach((c, at) => { next[at + 1] ^= multiply(c, EXP[i]); });
    polynomial = next;
  }
  return polynomial.slice(1);
}

function remainderOf(data, generator) {
  const rest = new Array(generator.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    generator.forEach((c, at) => { rest[at] ^= multiply(c, factor); });
  }
  return rest;
}

// `value` followed by the remainder of its division by `divisor` in GF(2).
function withCheck(value, divisor, bits) {
  let rest = value << bits;
  for (let at = 31 - Math.clz32(rest); at >= bits; at = 31 - Math.clz32(rest)) {
    rest ^= divisor << (at - bits);
  }
  return (value << bits) | rest;
}

// ---- sizes

// The middles of the alignment patterns, in both directions.
function alignmentsOf(version) {
  if (version === 1) return [];
  const number = Math.floor(version / 7) + 2;
  const last = 4 * version + 10;
  const step = Math.ceil((last - 6) / (number - 1) / 2) * 2;
  return [6, ...Array.from({ length: number - 1 }, (_, i) => last - step * (number - 2 - i))];
}

// Bytes of data and correction.
function bytesOf(version) {
  const side = 4 * version + 17;
  const alignments = alignmentsOf(version).length;
  const patterns = alignments ? alignments ** 2 - 3 : 0;
  const onTiming = alignments ? 2 * (alignments - 2) : 0;
  const functional = 3 * 64 + 25 * patterns - 5 * onTiming + 2 * (side - 16) + 31
    + (version >= 7 ? 36 : 0);
  return Math.floor((side * side - functional) / 8);
}

const dataBytesOf = (version) =>
  bytesOf(version) - CORRECTION[version - 1] * BLOCKS[version - 1];

// ---- data

function dataOf(bytes, version) {
  const room = dataBytesOf(version);
  const bits = [];
  const put = (value, length) => {
    for (let i = length - 1; i >= 0; --i) bits.push((value >> i) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((b) => put(b, 8));
  put(0, Math.min(4, 8 * room - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) {
    data.push(Number.parseInt(bits.slice(i, i + 8).join(""), 2));
  }
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
  return data;
}

// The bytes of all blocks in the order in which they are drawn.
function interleaved(data, version) {
  const count = BLOCKS[version - 1];
  const length = Math.floor(data.length / count);
  const long = data.length % count;  // that many blocks, the last, have one more
  const generator = generatorOf(CORRECTION[version - 1]);
  const blocks = [];
  for (let i = 0, at = 0; i < count; ++i) {
    const size = length + (i >= count - long ? 1 : 0);
    const block = data.slice(at, at + size);
    blocks.push({ block, check: remainderOf(block, generator) });
    at += size;
  }
  const across = (lists) => {
    const longest = Math.max(...lists.map((l) => l.length));
    return Array.from({ length: longest }, (_, i) =>
      lists.filter((l) => i < l.length).map((l) => l[i])).flat();
  };
  return [...across(blocks.map((b) => b.block)), ...across(blocks.map((b) => b.check))];
}

// ---- drawing

const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

class Grid {
  constructor(side) {
    this.side = side;
    this.dark = Array.from({ length: side }, () => new Uint8Array(side));
    this.fixed = Array.from({ length: side }, () => new Uint8Array(side));
  }

  fix(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.side || y >= this.side) return;
    this.dark[y][x] = dark ? 1 : 0;
    this.fixed[y][x] = 1;
  }

  rings(middleX, middleY, radius, isDark) {
    for (let dy = -radius; dy <= radius; ++dy) {
      for (let dx = -radius; dx <= radius; ++dx) {
        this.fix(middleX + dx, middleY + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }
}

function drawPatterns(grid, version) {
  const { side } = grid;
  for (let i = 0; i < side; ++i) {
    grid.fix(6, i, i % 2 === 0);
    grid.fix(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]]) {
    grid.rings(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  }
  const middles = alignmentsOf(version);
  const last = middles.length - 1;
  middles.forEach((y, row) => middles.forEach((x, column) => {
    const isFinder = (row === 0 && (column === 0 || column === last))
      || (row === last && column === 0);
    if (!isFinder) grid.rings(x, y, 2, (ring) => ring !== 1);
  }));
  if (version < 7) return;
  const bits = withCheck(version, 0x1f25, 12);
  for (let i = 0; i < 18; ++i) {
    const a = side - 11 + (i % 3), b = Math.floor(i / 3);
    grid.fix(a, b, (bits >> i) & 1);
    grid.fix(b, a, (bits >> i) & 1);
  }
}

function drawFormat(grid, mask) {
  const { side } = grid;
  const bits = withCheck((LEVEL_L << 3) | mask, 0x537, 10) ^ 0x5412;
  const bit = (i) => (bits >> i) & 1;
  for (let i = 0; i < 15; ++i) {
    // Around the finder at the top left, then along the other two.
    if (i < 8) grid.fix(8, i < 6 ? i : i + 1, bit(i));
    else grid.fix(i < 9 ? 7 : 14 - i, 8, bit(i));
    if (i < 8) grid.fix(side - 1 - i, 8, bit(i));
    else grid.fix(8, side - 15 + i, bit(i));
  }
  grid.fix(8, side - 8, 1);
}

function drawData(grid, bytes) {
  const { side } = grid;
  let at = 0;
  for (let right = side - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;  // the timing pattern's column
    const upwards = ((right + 1) & 2) === 0;
    for (let i = 0; i < side; ++i) {
      const y = upwards ? side - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (grid.fixed[y][x]) continue;
        grid.dark[y][x] = at < 8 * bytes.length ? (bytes[at >> 3] >> (7 - (at & 7))) & 1 : 0;
        ++at;
      }
    }
  }
}

// How hard the code is to read: long runs, blocks, false finders, imbalance.
function penaltyOf({ side, dark }) {
  let penalty = 0, total = 0;
  const lines = [...dark.map((row) => [...row]),
    ...Array.from({ length: side }, (_, x) => dark.map((row) => row[x]))];
  for (const line of lines) {
    const text = line.join("");
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2;
    penalty += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let y = 0; y < side; ++y) {
    for (let x = 0; x < side; ++x) {
      total += dark[y][x];
      if (x + 1 < side && y + 1 < side
          && [dark[y][x + 1], dark[y + 1][x], dark[y + 1][x + 1]].every((d) => d === dark[y][x])) {
        penalty += 3;
      }
    }
  }
  return penalty + 10 * Math.floor(Math.abs((100 * total) / (side * side) - 50) / 5);
}

/** The rows of the code for a text, 1 for dark; throws if it is too long. */
export function qrRows(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = CORRECTION.findIndex((_, i) =>
    bytes.length + (i + 1 < 10 ? 2 : 3) <= dataBytesOf(i + 1)) + 1;
  if (version === 0) throw new RangeError("the text is too long for a QR code");
  const drawn = interleaved(dataOf(bytes, version), version);
  const grids = MASKS.map((mask, number) => {
    const grid = new Grid(4 * version + 17);
    drawPatterns(grid, version);
    drawFormat(grid, number);
    drawData(grid, drawn);
    grid.dark.forEach((row, y) => row.forEach((_, x) => {
      if (!grid.fixed[y][x] && mask(x, y) === 0) row[x] ^= 1;
    }));
    return grid;
  });
  return grids.reduce((best, one) => (penaltyOf(one) < penaltyOf(best) ? one : best)).dark;
}

/** An SVG image; black on white in every theme, since phones need that. */
export function qrImage(text, label) {
  const rows = qrRows(text);
  const side = rows.length + 2 * QUIET_ZONE;
  const path = rows.flatMap((row, y) => [...row].map((dark, x) =>
    (dark ? `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z` : ""))).join("");
  return s("svg", { class: "qr", viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label,
    "shape-rendering": "crispEdges" },
  s("rect", { width: side, height: side, fill: "#fff" }), s("path", { d: path, fill: "#000" }));
}
