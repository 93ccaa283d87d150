// The page's modules that need no browser: lists, columns, QR codes, texts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { COLUMNS, cellsOf } from "./page/bulk_download.js";
import { csvRow, guessColumn, guessCountryColumn, hasHeader, noFormula, parseCsv, textOf } from "./page/csv.js";
import { qrRows } from "./page/qr.js";
import { count, duration, outcomeOf, readable } from "./page/words.js";

test("lists are read as programs write them", () => {
  for (const [text, rows] of [
    ["a,b\n1,2", [["a", "b"], ["1", "2"]]],
    ["a;b\r\n1,5;2\r\n", [["a", "b"], ["1,5", "2"]]],
    ["sep=;\na;b", [["a", "b"]]],
    ["a\tb\r1\t2\r", [["a", "b"], ["1", "2"]]],
    ["a,b\n\"x, \"\"y\"\"\nz\",2", [["a", "b"], ["x, \"y\"\nz", "2"]]],
    ["a,b\n\n  \n1,", [["a", "b"], ["1", ""]]],
    ["5\" pipe,2\n", [["5\" pipe", "2"]]],
    ["+49 1512\n+49 1513", [["+49 1512"], ["+49 1513"]]],
    ["", []],
  ]) {
    assert.deepEqual(parseCsv(text), rows, JSON.stringify(text));
  }
  assert.throws(() => parseCsv("a\n\"b"), /never closed/);
  assert.throws(() => parseCsv("1\n".repeat(200_002)), /200,000/);
});

test("a result has the cells that the program portrait enrich writes", () => {
  const cells = (result) => Object.fromEntries(cellsOf(result).map((cell, i) => [COLUMNS[i], cell]));
  const known = cells({ profilePicture: { registration: "REGISTRATION_REGISTERED", jid: "1@s.whatsapp.net" } });
  assert.deepEqual([known.jid, known.registered, known.business, known.retry_after], ["1@s.whatsapp.net", "yes", "no", ""]);
  const unknown = cells({ profilePicture: { registration: "REGISTRATION_NOT_REGISTERED" } });
  assert.deepEqual([unknown.registered, unknown.business, unknown.state], ["no", "", "not_registered"]);
  const failed = cells({ error: { reason: "ERROR_REASON_RATE_LIMITED", message: "-", retryAfter: "2.100s" } });
  assert.deepEqual([failed.business, failed.error, failed.error_message, failed.retry_after],
    ["", "RATE_LIMITED", "'-", 3]);
  assert.deepEqual(new Set(cellsOf(null)), new Set([""]));
});

test("files of other encodings are read, and too large ones refused", async () => {
  const file = (bytes) => new Blob([new Uint8Array(bytes)]);
  assert.equal(await textOf(file([0x5a, 0xc3, 0xbc])), "Zü");
  assert.equal(await textOf(file([0x5a, 0xfc])), "Zü");
  assert.equal(await textOf(file([0xff, 0xfe, 0x5a, 0, 0xfc, 0])), "Zü");
  await assert.rejects(textOf({ size: 65 << 20 }), /64 MB/);
});

test("the column of phone numbers is found, and no other is taken for it", () => {
  const phones = ["+49 151 2345678", "0171/2345678"];
  const rows = (...columns) => columns[0].map((_, i) => columns.map((c) => c[i]));
  const ids = ["12345678", "12345679"], names = ["Ana", "Ben"], dates = ["2026-01-02", "2026-01-03"];
  assert.equal(guessColumn(["Customer ID", "Name", "Phone"], rows(ids, names, phones)), 2);
  assert.equal(guessColumn(["Telefonnummer", "Fax"], rows(phones, phones)), 0);
  assert.equal(guessColumn(["Fax", "WhatsApp"], rows(phones, phones)), 1);
  assert.equal(guessColumn(["Phone", "Mobile"], rows(phones, phones)), 1);
  assert.equal(guessColumn(["", ""], rows(names, phones)), 1);
  assert.equal(guessColumn(["Name", "Date"], rows(names, dates)), -1);
  assert.equal(guessCountryColumn(["Country", "Phone"], rows(["DE", "US"], phones)), 0);
  assert.equal(guessCountryColumn(["Country", "Phone"], rows(["Germany", "USA"], phones)), -1);
  assert.ok(hasHeader([["Name", "Phone"], ["Ana", phones[0]]]));
  assert.ok(!hasHeader([[phones[0]], [phones[1]]]));
});

test("what is written is read the same, and starts no formula", () => {
  const cells = ["a,b", "say \"x\"", "two\nlines", " padded ", "", "plain"];
  assert.deepEqual(parseCsv(csvRow(cells)), [cells]);
  for (const text of ["=1+1", "+1", "-1", "@x", "\tx"]) assert.equal(noFormula(text), `'${text}`);
  assert.equal(noFormula("Ana = Ben"), "Ana = Ben");
});

test("QR codes of every size are read by a real reader", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "portrait-qr-"));
  try {
    for (const length of [1, 17, 18, 53, 106, 154, 230, 240, 321, 367, 586, 718, 858]) {
      const text = Array.from({ length }, (_, i) => "2@aZ/+=,09"[(7 * i + length) % 10]).join("");
      const rows = qrRows(text);
      const side = rows.length + 8;
      const pixels = Array.from({ length: 4 * side }, (_, y) => Array.from({ length: 4 * side }, (_, x) =>
        rows[Math.floor(y / 4) - 4]?.[Math.floor(x / 4) - 4] ?? 0).join(" ")).join("\n");
      const file = path.join(folder, "code.pbm");
      fs.writeFileSync(file, `P1\n${4 * side} ${4 * side}\n${pixels}\n`);
      assert.equal(execFileSync("zbarimg", ["-q", "--raw", file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
        `${text}\n`, `${length}`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  assert.throws(() => qrRows("x".repeat(859)), RangeError);
});

test("texts of strangers are cut and made harmless, words are plain", () => {
  assert.equal(readable("a\u001b[31m\u202eb\nc"), "a\ufffd[31m\ufffdb\ufffdc");
  assert.equal(Array.from(readable("😀".repeat(500))).length, 121);
  assert.equal(readable(undefined), "");
  assert.equal(count(1, "reply"), "1 reply");
  assert.equal(count(1200, "reply"), "1,200 replies");
  assert.equal(duration(59.2), "1 min 0 s");
  assert.equal(duration(7300), "2 h 1 min");
  assert.equal(outcomeOf({ error: {} }), "error");
  assert.equal(outcomeOf({ profilePicture: { registration: "REGISTRATION_NOT_REGISTERED" } }), "not_registered");
});
