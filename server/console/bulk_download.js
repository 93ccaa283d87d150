// The results of a bulk lookup as CSV, with the columns that the program
// "portrait enrich" writes.
import { bulk } from "./bulk_run.js";
import { loadChunk, CHUNK } from "./bulk_store.js";
import { csvRow, noFormula } from "./csv.js";
import { h } from "./dom.js";
import { outcomeOf, short } from "./words.js";

export const COLUMNS = ["jid", "phone", "lid", "registered", "state", "picture_id", "url", "preview_url", "direct_path",
  "type", "url_expires", "business", "name", "checked", "changed", "previous_id", "source", "error",
  "error_message", "retry_after"];

const YES_NO = { REGISTRATION_REGISTERED: "yes", REGISTRATION_NOT_REGISTERED: "no" };

/** The cells of a result, in the order of COLUMNS; null: it has none yet. */
export function cellsOf(result) {
  const { profilePicture: p = {}, error } = result ?? {};
  if (!result) return COLUMNS.map(() => "");
  const isKnown = !error && p.registration !== "REGISTRATION_NOT_REGISTERED";
  const seconds = error?.retryAfter ? Math.ceil(Number.parseFloat(error.retryAfter)) : "";
  return [p.jid, p.phoneNumber, p.lid, YES_NO[p.registration], outcomeOf(result), p.id, p.url, p.previewUrl,
    p.directPath, p.type, p.urlExpireTime, isKnown ? (p.isBusiness ? "yes" : "no") : "", noFormula(p.name), p.checkTime,
    p.changeTime, p.previousId, short(p.source, "SOURCE_").toLowerCase(), short(error?.reason, "ERROR_REASON_"),
    noFormula(error?.message), seconds];
}

// The names that "portrait enrich" gives them.
const NAMES = COLUMNS.map((name) => `portrait_${name}`);

export async function downloadResults() {
  const { run } = bulk;
  const pieces = ["\ufeff", csvRow([...run.header, ...NAMES])];
  for (let n = 0; n * CHUNK < run.rows; ++n) {
    const { rows, results } = await loadChunk(n);
    pieces.push(rows.map((row, at) =>
      csvRow([...run.header.map((_, i) => row[i]), ...cellsOf(results?.[at])])).join(""));
  }
  const url = URL.createObjectURL(new Blob(pieces, { type: "text/csv" }));
  const name = `${run.name.replace(/\.\w+$/, "").replace(/[^\p{L}\p{N}._ -]/gu, "_")}-enriched.csv`;
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
