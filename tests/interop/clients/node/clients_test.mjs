// Tests the Node.js client with every case of ../cases.json.
import { test } from "node:test";
import * as bulk from "./bulk_cases.mjs";
import { cases } from "./support.mjs";
import * as unary from "./unary_cases.mjs";
import * as watch from "./watch_cases.mjs";

const kinds = { ...unary, ...bulk, ...watch };

for (const each of cases) {
  test(each.name, { skip: each.pending }, async (t) => {
    if (kinds[each.kind] === undefined) throw new Error(`no function for ${each.kind}`);
    await kinds[each.kind](t, each);
  });
}
