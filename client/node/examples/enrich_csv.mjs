// Looks up the phone numbers of a CSV file and writes the results.
//
//   node enrich_csv.mjs contacts.csv results.csv
//
// The phone numbers are in the column "phone"; cells must not contain line breaks.
// The environment variables PORTRAIT_SERVER (default 127.0.0.1:7700) and
// PORTRAIT_TOKEN_FILE name the server and the file of the access token.
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Client, PictureState, Registration } from "portrait-client";

const [source, target] = process.argv.slice(2);
if (process.argv.length !== 4 || !process.env.PORTRAIT_TOKEN_FILE) {
  console.error("usage: node enrich_csv.mjs contacts.csv results.csv; " +
    "set PORTRAIT_TOKEN_FILE to the file of the access token");
  process.exit(1);
}
const client = new Client(process.env.PORTRAIT_SERVER ?? "127.0.0.1:7700", {
  tokenFile: process.env.PORTRAIT_TOKEN_FILE,
});

async function* phones() {
  let column;
  for await (const line of createInterface({ input: createReadStream(source) })) {
    const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)
      .map((cell) => cell.replace(/,$/, "").replace(/^"(.*)"$/, "$1").replaceAll('""', '"'));
    if (column === undefined) {
      column = cells.indexOf("phone");
      if (column < 0) throw new Error('the file has no column "phone"');
    } else {
      yield { contact: cells[column], context: cells };
    }
  }
}

const output = createWriteStream(target);
const write = async (cells) => {
  const quoted = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`);
  if (!output.write(`${quoted.join(",")}\n`)) await once(output, "drain");
};
await write(["phone", "registration", "state", "url", "error"]);
for await (const { item, picture, error } of client.enrich(phones())) {
  await write([
    item.contact,
    Registration[picture?.registration] ?? "",
    PictureState[picture?.state] ?? "",
    picture?.url ?? "",
    error?.message ?? "",
  ]);
}
output.end();
await once(output, "finish");
client.close();
