// Reads and writes CSV: RFC 4180 and what programs write in practice.

const MAX_FILE_BYTES = 64 << 20;
const MAX_ROWS = 200_000;

/** The text of a file: UTF-8, UTF-16 with a mark, or what old programs write. */
export async function textOf(file) {
  if (file.size > MAX_FILE_BYTES) {
    throw new RangeError("The file is larger than 64 MB. Use the program “portrait enrich” for long lists.");
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// The delimiter that most of the first lines have as often as the first one.
function delimiterOf(text) {
  const stated = /^sep=(.)\r?\n/.exec(text);
  if (stated) return stated[1];
  const lines = text.slice(0, 20_000).replace(/"[^"]*"/g, "").split(/\r\n|\n|\r/)
    .filter((l) => l.trim()).slice(0, 20);
  const score = (d) => {
    const counts = lines.map((l) => l.split(d).length - 1);
    return counts[0] === 0 ? 0 : counts.filter((c) => c === counts[0]).length;
  };
  return [",", ";", "\t", "|"].reduce((best, d) => (score(d) > score(best) ? d : best));
}

/** The rows of a text, each a list of cells; empty rows are left out. */
export function parseCsv(text) {
  const delimiter = delimiterOf(text);
  const rows = [];
  let row = [], cell = "", quoted = false, at = /^sep=.\r?\n/.exec(text)?.[0].length ?? 0;
  const endRow = () => {
    row.push(cell);
    cell = "";
    if (row.length > 1 || row[0].trim() !== "") rows.push(row);
    row = [];
    if (rows.length > MAX_ROWS + 1) {
      throw new RangeError("The list has more than 200,000 rows. Use the program “portrait enrich” for it.");
    }
  };
  for (; at < text.length; ++at) {
    const c = text[at];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (c === '"' && cell === "") {
      quoted = true;
    } else if (c === delimiter) {
      row.push(cell);
      cell = "";
    } else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[at + 1] === "\n") ++at;
      endRow();
    } else {
      cell += c;
    }
  }
  if (quoted) throw new SyntaxError("A quotation mark in the file is never closed.");
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}

// ---- which column

const NAMES = [
  [/whatsapp|\bjid\b|msisdn/, 6],
  [/mobile?\b|mobil|handy|\bcell|celular|m[oó]vil|cellulare|\bgsm\b|моб/, 5],
  [/phone|tel[eé]?fon|\btel\b|t[eé]l[eé]phone|номер|电话|電話/, 4],
  [/number|nummer|num[eé]ro|contact/, 2],
  [/fax|\bid\b|date|zip|postal|vat|iban|amount|price/, -6],
];
const PHONE = /^[\s"'=]*\+?[\d\s().\-/\u2010-\u2015\u00a0]{6,}$|@(s\.whatsapp\.net|c\.us|lid|g\.us|newsletter)\s*$/;
const looksLikePhone = (cell) => PHONE.test(cell) && cell.replace(/\D/g, "").length >= 6;

const share = (cells, test) => {
  const filled = cells.filter((c) => c.trim() !== "");
  return filled.length === 0 ? 0 : filled.filter(test).length / filled.length;
};

/** Whether the first row names the columns. */
export const hasHeader = (rows) => rows.length > 0 && !rows[0].some(looksLikePhone);

/** The column with phone numbers, by its name and its cells; -1: none. */
export function guessColumn(header, sample) {
  const scores = header.map((name, i) => {
    const named = NAMES.reduce((sum, [words, points]) =>
      (words.test(name.toLowerCase()) ? sum + points : sum), 0);
    return named + 8 * share(sample.map((r) => r[i] ?? ""), looksLikePhone);
  });
  const best = scores.indexOf(Math.max(...scores));
  return scores[best] >= 4 ? best : -1;
}

/** The column with ISO country codes; -1: none. */
export const guessCountryColumn = (header, sample) => header.findIndex((name, i) =>
  /country|land|pays|pa[ií]s|nation|\biso\b|\bcc\b/i.test(name)
    && share(sample.map((r) => r[i] ?? ""), (c) => /^[A-Za-z]{2}$/.test(c.trim())) > 0.8);

// ---- writing

/** One row of CSV with its line break. */
export const csvRow = (cells) => `${cells.map((cell) => {
  const text = `${cell ?? ""}`;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}).join(",")}\r\n`;

/** A stranger's text that a spreadsheet would take for a formula gets a "'". */
export const noFormula = (text) => (/^[=+\-@\t\r]/.test(text ?? "") ? `'${text}` : text ?? "");
