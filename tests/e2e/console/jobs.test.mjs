// Each job of the console, done as people do it: by what they read on the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { ADMIN, api, change, checkAccess, closeBrowser, loaded, openBrowser, shoot, signIn, steer, until, visit,
  withPage } from "./support.mjs";

const PICTURE = "+4915123000190";   // has a picture
const SECOND = "+4915123000187";
const LIST = process.env.PORTRAIT_CONSOLE_LIST;  // deploy/demo/contacts.csv

before(openBrowser);
after(closeBrowser);

const lookUp = async (page, contact) => {
  await page.getByLabel("Phone number, or address").fill(contact);
  await page.getByRole("button", { name: "Look up", exact: true }).click();
};

// ---- signing in and out

test("a person signs in with a token, stays signed in after a reload, and signs out", () =>
  withPage({ token: null }, async (page) => {
    await page.getByLabel("Access token").waitFor();
    await checkAccess(page);
    await shoot(page, "sign-in");
    await page.getByLabel("Access token").fill("pt_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("unknown, revoked or expired").waitFor();
    await signIn(page, ADMIN);
    await page.reload();
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    assert.equal(await page.evaluate(() => document.cookie), "");
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.equal(kept, "[{},{}]");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Access token").waitFor();
    await page.reload();
    await page.getByLabel("Access token").waitFor();
  }));

test("a one-time link signs in, leaves the address bar at once, and works no second time", async () => {
  const { path } = await api("POST", "/console/api/links");
  await withPage({ token: null, start: path }, async (page) => {
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    assert.ok(!page.url().includes("link="));
  });
  await withPage({ token: null, start: path }, (page) =>
    page.getByText("has been used or has expired").waitFor());
});

test("a revoked token signs the page out, with the reason", async () => {
  const made = await api("POST", "/v1/tokens", { tenant: "leaver", role: "ROLE_LOOKUP" });
  await withPage({ token: made.secret }, async (page) => {
    await page.getByRole("heading", { name: "Look up" }).waitFor();
    await api("DELETE", `/v1/tokens/${made.token.tokenId}`);
    // The stream of changes ends by itself, without a click.
    await page.getByText("You have been signed out").waitFor();
    await checkAccess(page);
  });
});

test("a token sees the pages that it may use, and no others", async () => {
  const pages = (page) => page.getByRole("navigation").getByRole("link").allInnerTexts();
  const made = await api("POST", "/v1/tokens", { tenant: "few", rights: ["RIGHT_LOOKUP"] });
  await withPage({ token: made.secret }, async (page) => {
    assert.deepEqual(await pages(page), ["Look up", "Bulk", "Usage"]);
    await lookUp(page, PICTURE);
    await loaded(page.locator(".result"), 2);
    assert.equal(await page.getByText("History").count(), 0);
    await page.goto(page.url().replace(/#.*|$/, "#/accounts"));
    await page.getByRole("heading", { name: "Look up" }).waitFor();
    await visit(page, "Usage");
    await page.locator(".chart").waitFor();
    await checkAccess(page);
  });
  await withPage({}, async (page) =>
    assert.deepEqual(await pages(page), ["Accounts", "Look up", "Bulk", "Changes", "Tenants"]));
});

// ---- accounts

test("an account is linked by the QR code on the screen", () => withPage({}, async (page) => {
  await page.getByRole("button", { name: "Link an account" }).first().click();
  await checkAccess(page);
  await page.getByLabel("Name (optional)").fill("by-screen");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.locator(".qr").waitFor();
  await checkAccess(page);
  await shoot(page, "linking");
  // A phone sees pixels.
  const file = `${process.env.PORTRAIT_CONSOLE_SHOTS}/qr-only.png`;
  await page.locator(".qr").screenshot({ path: file });
  const text = execFileSync("zbarimg", ["-q", "--raw", file], { encoding: "utf8" }).trim();
  steer(["scan", "--phone", "+4915788000201", text]);
  await page.getByText("+4915788000201 is linked as by-screen").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("article", { name: "Account by-screen" }).getByText("Ready", { exact: true }).waitFor();
}));

test("an account is linked by a code that is typed on the phone", () => withPage({}, async (page) => {
  await page.getByRole("button", { name: "Link an account" }).first().click();
  await page.getByLabel("Type a code on the phone").check();
  await page.getByLabel("Phone number of the account").fill("+4915788000202");
  await page.getByLabel("Name (optional)").fill("by-code");
  await page.getByRole("button", { name: "Go on" }).click();
  const code = (await page.locator(".pairing-code").innerText()).trim();
  assert.match(code, /^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  steer(["enter", "--phone", "+4915788000202", code]);
  await page.getByText("is linked as by-code").waitFor();
}));

test("a dialog that is closed gives the linking up, and the focus returns", () => withPage({}, async (page) => {
  const button = page.getByRole("button", { name: "Link an account" }).first();
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.locator(".qr").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.ok(await button.evaluate((b) => b === document.activeElement));
}));

test("an account is paused, resumed and logged out", () => withPage({}, async (page) => {
  const card = page.getByRole("article", { name: "Account by-code" });
  await card.getByRole("button", { name: "Pause" }).click();
  await card.getByText("Paused", { exact: true }).waitFor();
  assert.equal((await api("GET", "/v1/sessions/by-code")).session.state, "SESSION_STATE_PAUSED");
  await card.getByRole("button", { name: "Resume" }).click();
  await card.getByText("Ready", { exact: true }).waitFor();
  await card.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("dialog").getByText("disappears from the phone").waitFor();
  await checkAccess(page);
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await card.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
  await card.waitFor({ state: "detached" });
}));

// ---- look up

test("a contact is looked up with both pictures, its facts and its history", () => withPage({}, async (page) => {
  await visit(page, "Look up");
  await lookUp(page, PICTURE);
  const result = page.locator(".result");
  await loaded(result, 2);
  await result.getByText("The picture is visible").waitFor();
  const [old] = steer(["get", PICTURE]);
  change(PICTURE, "picture=1790000001");
  await page.getByRole("button", { name: "Ask WhatsApp again" }).click();
  await result.getByText("1790000001").waitFor();
  // The picture of before is known in this page, so the timeline has both.
  const history = page.locator(".timeline li");
  await until("two entries", async () => (await history.count()) === 2);
  assert.match(await history.nth(0).innerText(), /New picture[^]*1790000001 – current/);
  await loaded(page.locator(".timeline"), 2);
  assert.ok(old.phone_number === PICTURE);
  await checkAccess(page);
  await shoot(page, "look-up", { full: true });
}));

test("an expired link is not shown broken, but offered to be refreshed", () => withPage({}, async (page) => {
  await page.route(/\/v1\/profilePictures\/[^/]+\?/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.profilePicture.urlExpireTime = "2020-01-01T00:00:00Z";
    await route.fulfill({ response, json: body });
  });
  await visit(page, "Look up");
  await lookUp(page, SECOND);
  await page.getByText("This link has expired").first().waitFor();
  assert.equal(await page.locator(".result img").count(), 0);
  await page.unroute(/\/v1\/profilePictures\/[^/]+\?/);
  // A link that the CDN refuses, although it should still work.
  await page.route(/\/v\/t61/, (route) => route.fulfill({ status: 403, body: "URL signature expired" }));
  await page.getByRole("button", { name: "Get a new link" }).click();
  await page.getByText("This link no longer works").first().waitFor();
  await checkAccess(page);
  await shoot(page, "expired");
  await page.unroute(/\/v\/t61/);
  await page.getByRole("button", { name: "Get a new link" }).click();
  await loaded(page.locator(".result"), 2);
}));

test("other outcomes and mistakes are told in plain words", () => withPage({}, async (page) => {
  change(["+4915123000301", "+4915123000302"], "register");
  change("+4915123000301", "hide");
  change("+4915123000302", "no-picture");
  await visit(page, "Look up");
  for (const [contact, words] of [["+4915123000301", "hides the picture"], ["+4915123000302", "has no picture"],
    ["12", "Not a phone number"], ["0151 23000301", "or enter the country in Options"],
    ["+4915788000201", "one of the linked accounts"]]) {
    await lookUp(page, contact);
    await page.getByText(words).first().waitFor();
  }
}));

// ---- bulk

test("a list is looked up, found again after a reload, and downloaded", () => withPage({}, async (page) => {
  await visit(page, "Bulk");
  await checkAccess(page);
  await page.getByLabel("List, CSV").setInputFiles(LIST);
  assert.equal(await page.getByLabel("Column with the contacts").evaluate((s) => s.selectedOptions[0].text), "Phone");
  assert.equal(await page.getByLabel("Column with countries").evaluate((s) => s.selectedOptions[0].text), "Country");
  await checkAccess(page);
  await shoot(page, "bulk-columns");
  // Slow enough to be seen under way.
  steer(["faults", "--latency", "1200ms"]);
  await page.getByRole("button", { name: "Look up 2,000 contacts" }).click();
  await page.locator(".sheet img").first().waitFor();
  await page.getByText("per second").waitFor();
  await loaded(page.locator(".sheet"), 3);
  await checkAccess(page);
  await shoot(page, "bulk");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused.").waitFor();
  const answered = async () => Number(await page.getByRole("progressbar").getAttribute("aria-valuenow"));
  const before = await answered();
  assert.ok(before > 0 && before < 2000, `${before}`);
  await page.reload();
  await visit(page, "Bulk");
  await page.getByText("Paused.").waitFor();
  assert.ok((await answered()) >= before);
  steer(["faults", "--latency", "0ms"]);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Done.").waitFor();
  assert.equal(await answered(), 2000);
  await shoot(page, "bulk-done");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const text = fs.readFileSync(await (await download).path(), "utf8");
  const lines = text.trimEnd().split("\r\n");
  assert.equal(lines.length, 2001);
  assert.match(lines[0], /^\ufeffContact ID,.*,Last Activity,portrait_jid,portrait_phone,portrait_lid,/);
  assert.ok(lines.filter((l) => l.includes(",available,")).length > 500);
  await page.getByRole("button", { name: "New list" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Drop a CSV file here").waitFor();
  const rest = await page.evaluate(() => new Promise((resolve) => {
    indexedDB.open("portrait-bulk").onsuccess = ({ target }) => {
      const all = target.result.transaction("chunks").objectStore("chunks").count();
      all.onsuccess = () => resolve(all.result);
    };
  }));
  assert.equal(rest, 0);
}));

test("a list that runs goes on by itself after a reload, for the same tenant only", async () => {
  const made = await api("POST", "/v1/tokens", { tenant: "other", role: "ROLE_LOOKUP" });
  await withPage({}, async (page) => {
    await visit(page, "Bulk");
    steer(["faults", "--latency", "800ms"]);
    const numbers = Array.from({ length: 700 }, (_, i) => `+49151240${10000 + i * 7}`).join("\n");
    await page.getByLabel("Or paste numbers").fill(numbers);
    await page.getByRole("button", { name: "Use these" }).click();
    await page.getByRole("button", { name: "Look up 700 contacts" }).click();
    await page.getByText("per second").waitFor();
    await page.reload();
    await visit(page, "Bulk");
    steer(["faults", "--latency", "0ms"]);
    await page.getByText("Done.").waitFor();
    await page.getByRole("progressbar").and(page.locator("[aria-valuenow='700']")).waitFor();
    // Another tenant signs in without the first having signed out.
    await page.evaluate(() => fetch("api/session", { method: "DELETE", headers: { "X-Portrait-Console": "1" } }));
    await page.reload();
    await signIn(page, made.secret);
    await visit(page, "Bulk");
    await page.getByText("Drop a CSV file here").waitFor();
  });
});

test("two tabs do not work on one list at once, and the second goes on when the first is closed", () =>
  withPage({}, async (page, context) => {
    await visit(page, "Bulk");
    steer(["faults", "--latency", "1500ms"]);
    const numbers = Array.from({ length: 1200 }, (_, i) => `+49151250${10000 + i * 7}`).join("\n");
    await page.getByLabel("Or paste numbers").fill(numbers);
    await page.getByRole("button", { name: "Use these" }).click();
    await page.getByRole("button", { name: "Look up 1,200 contacts" }).click();
    await page.getByText("per second").waitFor();
    const second = await context.newPage();
    await second.goto(page.url());
    await second.getByText("Another tab works on this list.").waitFor();
    await page.close();
    await second.getByText("Looking up…").waitFor();
    steer(["faults", "--latency", "0ms"]);
    await second.getByText("Done.").waitFor();
    await second.getByRole("progressbar").and(second.locator("[aria-valuenow='1200']")).waitFor();
    await second.getByRole("button", { name: "Sign out" }).click();
    await second.getByRole("dialog").getByText("deleted from this browser").waitFor();
    await second.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await second.getByLabel("Access token").waitFor();
  }));

// ---- changes

test("a change appears by itself, with the picture before and after", () => withPage({}, async (page) => {
  change(SECOND, "picture=1790000010");
  await api("GET", `/v1/profilePictures/${SECOND}?maxAge=0s&size=both`);
  await visit(page, "Look up");
  await lookUp(page, SECOND);
  await page.getByText("1790000010").first().waitFor();
  await visit(page, "Changes");
  await page.getByText("Live").waitFor();
  change(SECOND, "picture=1790000011");
  await api("GET", `/v1/profilePictures/${SECOND}?maxAge=0s&size=both`);
  const entry = page.locator(".change").filter({ hasText: SECOND }).first();
  await entry.getByText("New picture").waitFor();
  await loaded(entry, 2);
  const shown = await entry.locator("img").evaluateAll((all) => all.map((i) => i.src));
  assert.match(shown[0], /1790000010/);
  assert.match(shown[1], /1790000011/);
  await checkAccess(page);
  await page.getByLabel("New picture").uncheck();
  await entry.waitFor({ state: "detached" });
  await page.getByLabel("New picture").check();
  await entry.waitFor();
  await visit(page, "Accounts");
  change(SECOND, "hide");
  await api("GET", `/v1/profilePictures/${SECOND}?maxAge=0s&size=both`);
  await page.getByLabel("1 new", { exact: true }).waitFor();
  await visit(page, "Changes");
  await page.getByText("Picture hidden").last().waitFor();
  await shoot(page, "changes");
}));

test("stored changes are shown on demand", () => withPage({}, async (page) => {
  await visit(page, "Changes");
  await page.getByRole("button", { name: "Show stored changes" }).click();
  await page.locator(".change").nth(1).waitFor();
  await page.getByLabel("First picture seen").check();
  await page.getByText(/^\d[\d,]* changes\.$/).waitFor();
}));

// ---- tenants

test("a token is made, shown once, works, and is revoked", () => withPage({}, async (page) => {
  await visit(page, "Tenants");
  await page.getByRole("button", { name: "New token" }).first().click();
  await checkAccess(page);
  await page.getByLabel("Tenant", { exact: true }).fill("acme");
  await page.getByLabel("Lookups a month").fill("1000");
  await shoot(page, "new-token");
  await page.getByRole("button", { name: "Make the token" }).click();
  const secret = await page.locator(".secret").innerText();
  assert.match(secret, /^pt_/);
  await page.getByRole("button", { name: "Copy the token" }).click();
  await page.getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await page.getByRole("button", { name: "Done" }).click();
  await api("GET", `/v1/profilePictures/${PICTURE}`, undefined, secret);
  const card = page.getByRole("article", { name: "Tenant acme" });
  await card.getByText("Usage by month").click();
  await card.getByText("1 lookup this month of 1,000").waitFor();
  await checkAccess(page);
  await shoot(page, "tenants");
  await card.getByRole("button", { name: /^Revoke/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await card.waitFor({ state: "detached" });
  await assert.rejects(api("GET", "/v1/usage", undefined, secret), /401/);
}));

test("a token that expires is told to have expired while the page is open", () => withPage({}, async (page) => {
  const expireTime = new Date(Date.now() + 15_000).toISOString();
  const made = await api("POST", "/v1/tokens", { tenant: "brief", role: "ROLE_LOOKUP", expireTime });
  await visit(page, "Tenants");
  const card = page.getByRole("article", { name: "Tenant brief" }).getByText(made.token.tokenId).locator("xpath=ancestor::li");
  await card.getByText("expires on").waitFor();
  await card.getByText("expired on").waitFor();
}));

test("the guard's verdict about a tenant is shown", async () => {
  const made = await api("POST", "/v1/tokens", { tenant: "walker", role: "ROLE_LOOKUP" });
  // No number is on WhatsApp: they were made up.
  const items = Array.from({ length: 1000 }, (_, i) => ({ contact: `+49151299${10000 + 89 * i}` }));
  change(items.map((i) => i.contact), "unregister");
  await until("the guard has paused the tenant", async () => {
    await api("POST", "/v1/profilePictures:batchGet", { items, options: { maxAge: "0s" } }, made.secret);
    const { results } = await api("POST", "/v1/profilePictures:batchGet",
      { items: [{ contact: `+4915129${String(Math.floor(Math.random() * 1e6)).padStart(6, "0")}` }] }, made.secret);
    return results[0].error?.reason === "ERROR_REASON_ENUMERATION";
  });
  await withPage({}, async (page) => {
    await visit(page, "Tenants");
    const card = page.getByRole("article", { name: "Tenant walker" });
    await card.getByText("Paused by the enumeration guard").waitFor();
    await card.getByText("Hardly any of its numbers is on WhatsApp").waitFor();
    await checkAccess(page);
    await shoot(page, "guard");
  });
});
