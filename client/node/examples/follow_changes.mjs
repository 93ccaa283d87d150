// Prints picture changes as the server detects them. A later run continues where the
// last one stopped.
//
//   node follow_changes.mjs seen.token
//
// The file stores the position. If it does not exist, all changes that the server has
// stored are printed first. The environment variables PORTRAIT_SERVER (default
// 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and the file of the access
// token.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { ChangeKind, Client } from "portrait-client";

const [path] = process.argv.slice(2);
if (process.argv.length !== 3 || !process.env.PORTRAIT_TOKEN_FILE) {
  console.error("usage: node follow_changes.mjs seen.token; " +
    "set PORTRAIT_TOKEN_FILE to the file of the access token");
  process.exit(1);
}
const client = new Client(process.env.PORTRAIT_SERVER ?? "127.0.0.1:7700", {
  tokenFile: process.env.PORTRAIT_TOKEN_FILE,
});
const resumeToken = existsSync(path) ? readFileSync(path, "utf8") : "beginning";

for await (const response of client.watch({ resumeToken })) {
  for (const { phoneNumber, jid, kind, newId } of response.changes) {
    console.log(phoneNumber || jid, ChangeKind[kind] ?? kind, newId);
  }
  // Save the token after the changes, and replace the file atomically.
  writeFileSync(`${path}.new`, response.resumeToken);
  renameSync(`${path}.new`, path);
}
