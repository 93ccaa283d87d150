// Prints picture changes as they are found; none is missed between two runs.
//
//   node follow_changes.mjs seen.token
//
// The file keeps how far this has come; without it, all changes that the server
// keeps are printed first. PORTRAIT_SERVER (such as 127.0.0.1:7700) and
// PORTRAIT_TOKEN_FILE say where to ask.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { ChangeKind, Client } from "portrait-client";

const [path] = process.argv.slice(2);
const client = new Client(process.env.PORTRAIT_SERVER, {
  tokenFile: process.env.PORTRAIT_TOKEN_FILE,
});
const resumeToken = existsSync(path) ? readFileSync(path, "utf8") : "beginning";

for await (const response of client.watch({ resumeToken })) {
  for (const { phoneNumber, jid, kind, newId } of response.changes) {
    console.log(phoneNumber || jid, ChangeKind[kind] ?? kind, newId);
  }
  // Only once the changes are safe; and never half a token.
  writeFileSync(`${path}.new`, response.resumeToken);
  renameSync(`${path}.new`, path);
}
