// How the console looks and what it cannot be fooled by: themes, a phone, the
// keyboard alone, and texts of strangers. Look at the screenshots after a change.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { api, change, checkAccess, closeBrowser, loaded, openBrowser, shoot, steer, until, visit,
  withPage } from "./support.mjs";

const CONTACT = "+4915123000190";
const LIST = process.env.PORTRAIT_CONSOLE_LIST;
const README_PNG_BYTES = 200_000;

before(async () => {
  await openBrowser();
  await api("POST", "/v1/tokens", { tenant: "crm", rights: ["RIGHT_LOOKUP", "RIGHT_WATCH"], monthlyQuota: "5000" });
  const shop = await api("POST", "/v1/tokens", { tenant: "shop", role: "ROLE_LOOKUP", lookupsPerSecond: 50 });
  for (const picture of ["1790000101", "1790000102", "1790000103"]) {
    change(CONTACT, `picture=${picture}`);
    await api("GET", `/v1/profilePictures/${CONTACT}?maxAge=0s&size=both`, undefined, shop.secret);
  }
});
after(closeBrowser);

const VIEWS = {
  async "Look up"(page) {
    await page.getByLabel("Phone number, or address").fill(CONTACT);
    await page.getByRole("button", { name: "Look up", exact: true }).click();
    await loaded(page.locator(".result"), 2);
    await page.locator(".timeline li").first().waitFor();
  },
  async Bulk(page) {
    await page.getByLabel("List, CSV").setInputFiles(LIST);
    await page.getByRole("button", { name: /^Look up/ }).click();
    await page.getByText("Done.").waitFor();
    await loaded(page.locator(".sheet"), 8);
  },
  async Changes(page) {
    await page.getByRole("button", { name: "Show stored changes" }).click();
    await loaded(page.locator(".changes"), 1);
  },
  async Tenants(page) {
    await page.getByRole("article", { name: "Tenant shop" }).getByText("Usage by month").click();
    await page.locator(".chart").waitFor();
  },
  async Accounts(page) {
    await page.getByRole("article").nth(1).waitFor();
    await page.locator(".spark-line").first().waitFor({ state: "attached" });
  },
};

for (const theme of ["light", "dark"]) {
  for (const phone of [false, true]) {
    const device = phone ? "phone" : "desktop";
    test(`each page is complete and accessible, ${theme} on a ${device}`, () =>
      withPage({ theme, phone }, async (page) => {
        for (const [title, prepare] of Object.entries(VIEWS)) {
          await visit(page, title);
          await prepare(page);
          await checkAccess(page);
          await shoot(page, `${title.toLowerCase().replace(" ", "-")}-${theme}-${device}`);
        }
      }));
  }
}

test("a narrow window of 320 pixels needs no scrolling sideways", () => withPage({ phone: true }, async (page) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const title of ["Accounts", "Look up", "Changes", "Tenants"]) {
    await visit(page, title);
    await VIEWS[title](page);
    await shoot(page, `${title.toLowerCase().replace(" ", "-")}-narrow`);
  }
}));

test("everything can be done with the keyboard", () => withPage({}, async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.innerText || document.activeElement.ariaLabel
    || document.activeElement.id);
  const press = async (key, wanted) => {
    for (let i = 0; i < 40; ++i) {
      await page.keyboard.press(key);
      if ((await focused()).includes(wanted)) return;
    }
    assert.fail(`${key} never reaches ${wanted}`);
  };
  const pageHasFocus = () => until("the focus is in the page",
    () => page.evaluate(() => document.activeElement.id === "main"));
  await page.getByRole("article").first().waitFor();
  await page.locator("body").click({ position: { x: 5, y: 500 } });
  await press("Tab", "Skip to the content");
  await press("Tab", "Look up");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Look up", level: 1 }).waitFor();
  // The new page has the focus, so that a screen reader reads it.
  await pageHasFocus();
  await page.keyboard.press("Tab");
  await page.keyboard.type(CONTACT);
  await page.keyboard.press("Enter");
  await loaded(page.locator(".result"), 2);
  await press("Shift+Tab", "Accounts");
  await page.keyboard.press("Enter");
  await page.getByRole("article").first().waitFor();
  await pageHasFocus();
  await press("Tab", "Pause");
  await page.keyboard.press("Enter");
  await page.getByText("Paused", { exact: true }).waitFor();
  assert.match(await focused(), /Resume/);
  await page.keyboard.press("Enter");
  await page.getByText("Paused", { exact: true }).waitFor({ state: "detached" });
  assert.match(await focused(), /Pause/);
  await press("Tab", "Log out");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  // The safe answer has the focus.
  assert.equal(await focused(), "Cancel");
  await page.keyboard.press("Escape");
  assert.match(await focused(), /Log out/);
}));

test("every state of an account, and its failures, can be told apart", () => withPage({}, async (page) => {
  const states = ["READY", "CONNECTING", "THROTTLED", "PAUSED", "LOGGED_OUT", "BANNED", "OUTDATED"];
  let polls = 0;
  await page.route(/\/v1\/sessions$/, async (route) => {
    const response = await route.fetch();
    const [one] = (await response.json()).sessions;
    ++polls;
    await route.fulfill({ response, json: { sessions: states.map((state, i) => ({ ...one,
      session: `account-${i}`, state: `SESSION_STATE_${state}`, lookups: `${polls * 40 * (i === 0)}`,
      failures: `${polls * i}`, lookupsPerSecondLimit: 20,
      ...(state === "THROTTLED" && { resumeTime: new Date(Date.now() + 90_000).toISOString() }),
      ...(state === "BANNED" && { stateReason: "stream:error 403" }) })) } });
  });
  await page.getByRole("article", { name: "Account account-6" }).waitFor();
  for (const words of ["Ready", "Connecting", "Slowed down by WhatsApp", "Paused", "Logged out on the phone",
    "Refused by WhatsApp", "Version refused by WhatsApp"]) {
    await page.getByText(words, { exact: true }).waitFor();
  }
  await page.getByText("7 accounts, 1 ready: up to 20 lookups per second.").waitFor();
  await page.getByText("Goes on by itself at").waitFor();
  await page.locator(".spark-failure").nth(12).waitFor({ state: "attached" });
  await page.getByText(/^[1-9]\d* failures in the last minute$/).first().waitFor();
  await checkAccess(page);
  await shoot(page, "states", { full: true });
}));

const HOSTILE = {
  script: "<script>window.hacked = true</script><img src=x onerror=\"window.hacked = true\">",
  ansi: "\u001b[31mred\u001b[0m\u0007\u0000",
  direction: "\u202egnp.exe\u2066 \u05e9\u05dc\u05d5\u05dd",
  long: "x".repeat(10_000),
  lines: "one\ntwo\r\nthree\u2028four",
};

test("names of strangers are shown as text, whatever they are", () => withPage({}, async (page) => {
  let name = "";
  await page.route(/\/v1\/profilePictures\/[^/]+\?/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.profilePicture.name = name;
    await route.fulfill({ response, json: body });
  });
  await page.route(/\/v1\/sessions$/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    Object.assign(body.sessions[0], { pushName: name, stateReason: name, proxy: name });
    await route.fulfill({ response, json: body });
  });
  for (const [kind, text] of Object.entries(HOSTILE)) {
    name = text;
    await visit(page, "Look up");
    await page.getByLabel("Phone number, or address").fill(CONTACT);
    await page.getByRole("button", { name: "Look up", exact: true }).click();
    await until("the name", async () => {
      const shown = await page.locator(".result h2").innerText().catch(() => "");
      return shown.startsWith(/[\u001b\u202e]/.test(text[0]) ? "\ufffd" : text[0]);
    });
    const shown = await page.locator(".result h2").innerText();
    assert.doesNotMatch(shown, /[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/, kind);
    assert.ok(shown.length <= 121, kind);
    await shoot(page, `hostile-${kind}`);
    await visit(page, "Accounts");
    await page.getByRole("article").first().waitFor();
    await shoot(page, `hostile-${kind}-account`);
  }
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("script:not([src])").count(), 0);
}));

test("cells of a hostile list are shown as text and stay one cell each", () => withPage({}, async (page) => {
  await visit(page, "Bulk");
  const list = `Phone,Name\n${Object.values(HOSTILE).map((text, i) =>
    `+4915123000${190 + i},"${text.replaceAll('"', '""')}"\n`).join("")}`;
  await page.getByLabel("List, CSV").setInputFiles({ name: "<b>list</b>.csv", mimeType: "text/csv",
    buffer: Buffer.from(list) });
  await page.getByText("5 rows.").waitFor();
  await shoot(page, "hostile-list");
  await page.getByRole("button", { name: "Look up 5 contacts" }).click();
  await page.getByText("Done.").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const done = await download;
  assert.equal(done.suggestedFilename(), "_b_list__b_-enriched.csv");
  const text = fs.readFileSync(await done.path(), "utf8");
  assert.ok(text.includes(HOSTILE.long));
  assert.ok(text.includes(`"${HOSTILE.lines}"`));
  assert.equal(await page.evaluate(() => window.hacked), undefined);
}));

test("a list with a broken quotation mark is refused with the reason", () => withPage({}, async (page) => {
  await visit(page, "Bulk");
  await page.getByLabel("List, CSV").setInputFiles({ name: "bad.csv", mimeType: "text/csv",
    buffer: Buffer.from("Phone\n\"+49151") });
  await page.getByRole("alert").getByText("never closed").waitFor();
}));

test("without an account a lookup says where to link one", () => withPage({}, async (page) => {
  await page.route(/\/v1\/profilePictures\//, (route) => route.fulfill({ status: 400, json: { code: 9,
    message: "link one with: portrait session pair", details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "ERROR_REASON_NO_SESSION" }] } }));
  await visit(page, "Look up");
  await page.getByLabel("Phone number, or address").fill(CONTACT);
  await page.getByRole("button", { name: "Look up", exact: true }).click();
  await page.getByRole("alert").getByText("No WhatsApp account is ready.").waitFor();
  assert.equal(await page.getByText("session pair").count(), 0);
  await checkAccess(page);
  await page.getByRole("link", { name: "See the accounts, or link one." }).click();
  await page.getByRole("heading", { name: "Accounts" }).waitFor();
}));

test("while portraitd is away the page says so, and goes on by itself", () => withPage({}, async (page, context) => {
  await page.getByRole("article").first().waitFor();
  await context.setOffline(true);
  await page.getByRole("alert").getByText("portraitd does not answer").waitFor();
  await shoot(page, "away");
  await context.setOffline(false);
  await until("the alert is gone", async () => (await page.getByRole("alert").innerText()) === "");
}));

test("the README's picture is a screenshot of a bulk lookup", () => withPage({}, async (page) => {
  await page.setViewportSize({ width: 1100, height: 690 });
  await visit(page, "Bulk");
  await page.getByLabel("List, CSV").setInputFiles(LIST);
  steer(["faults", "--latency", "500ms"]);
  await page.getByLabel("Ask WhatsApp about each").check();
  await page.getByRole("button", { name: /^Look up/ }).click();
  await loaded(page.locator(".sheet"), 30);
  await page.getByText("per second").waitFor();
  const file = await shoot(page, "readme");
  steer(["faults", "--latency", "0ms"]);
  assert.ok(fs.statSync(file).size < README_PNG_BYTES);
}));
