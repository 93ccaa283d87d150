// Drives the console in Chromium. Each page that a test opens is watched: an
// error of a script or a violation of the Content-Security-Policy fails the test.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const setting = (name) => process.env[`PORTRAIT_${name}`];
export const URL = setting("CONSOLE_URL");        // http://127.0.0.1:PORT
export const ADMIN = setting("CONSOLE_TOKEN");
const SHOTS = setting("CONSOLE_SHOTS");           // the folder of screenshots
const STEER = JSON.parse(setting("CONSOLE_STEER"));  // the command that steers
const PATIENCE = 60_000;  // milliseconds, on a busy machine

let browser = null;
export async function openBrowser() {
  browser = await chromium.launch({ executablePath: setting("CHROMIUM"), args: ["--no-sandbox"] });
}
export const closeBrowser = () => browser.close();

/** Runs `whatsapp-sim steer …`; returns its JSON lines. */
export function steer(args, input) {
  const out = execFileSync(STEER[0], [...STEER.slice(1), ...args], { input, encoding: "utf8" });
  return out.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** Changes people in the simulated network: "picture=ID", "hide", "unregister". */
export const change = (contacts, what) =>
  steer(["set", "-"], [contacts].flat().map((c) => `${c} ${what}\n`).join(""));

/** A call of the HTTP routes, as another program makes it. */
export async function api(method, route, message, token = ADMIN) {
  const response = await fetch(`${URL}${route}`, { method,
    body: message && JSON.stringify(message), headers: { Authorization: `Bearer ${token}`,
      ...(message && { "Content-Type": "application/json" }) } });
  const body = await response.json().catch(() => null);
  assert.ok(response.ok, `${method} ${route}: ${response.status} ${JSON.stringify(body)}`);
  return body;
}

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 860 };

/**
 * Opens the console in a new browser profile, signed in with `token` unless it
 * is null, and calls `work(page)`.
 */
export async function withPage({ token = ADMIN, theme = "light", phone = false, start = "/console/" } = {}, work) {
  const context = await browser.newContext({ viewport: phone ? PHONE : DESKTOP, colorScheme: theme,
    deviceScaleFactor: 1, hasTouch: phone, acceptDownloads: true, reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"] });
  context.setDefaultTimeout(PATIENCE);
  const troubles = [];
  await context.exposeFunction("tellViolation", (text) => troubles.push(text));
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) =>
    window.tellViolation(`${e.violatedDirective} ${e.blockedURI}`)));
  const page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(`${error.stack ?? error}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) troubles.push(message.text());
  });
  try {
    await page.goto(`${URL}${start}`);
    if (token !== null) await signIn(page, token);
    await work(page, context);
    assert.deepEqual(troubles, []);
  } finally {
    await context.close();
  }
}

export async function signIn(page, token) {
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").waitFor();
}

export async function visit(page, title) {
  await page.getByRole("navigation").getByRole("link", { name: title }).click();
  await page.getByRole("heading", { name: title, level: 1 }).waitFor();
}

/** Fails if axe-core finds something serious on the page. */
export async function checkAccess(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  const serious = found.violations.filter((v) => ["serious", "critical", "moderate"].includes(v.impact));
  assert.deepEqual(serious.map((v) => `${v.impact} ${v.id}: ${v.help}: `
    + v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")), []);
}

/** Saves a screenshot, and fails if the page is wider than the window. */
export async function shoot(page, name, { full = false } = {}) {
  const overflow = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${name}: ${overflow} pixels too wide`);
  fs.mkdirSync(SHOTS, { recursive: true });
  const file = path.join(SHOTS, `${name}.png`);
  await page.screenshot({ path: file, fullPage: full });
  return file;
}

/** Waits until `condition()` is true. */
export async function until(what, condition) {
  for (const end = Date.now() + PATIENCE; ;) {
    if (await condition()) return;
    assert.ok(Date.now() < end, `not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The pictures in `scope` have been loaded from the CDN. */
export const loaded = (scope, number = 1) => until(`${number} pictures loaded`, async () =>
  (await scope.locator("img").evaluateAll((all) =>
    all.filter((i) => i.complete && i.naturalWidth > 0).length)) >= number);
