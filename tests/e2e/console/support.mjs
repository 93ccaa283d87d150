// Drives the console in Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { PATIENCE, checkAccess, closeBrowser, openBrowser, withWatchedPage } from "./browser.mjs";

export { checkAccess, closeBrowser, openBrowser };

const setting = (name) => process.env[`PORTRAIT_${name}`];
export const URL = setting("CONSOLE_URL");        // http://127.0.0.1:PORT
export const ADMIN = setting("CONSOLE_TOKEN");
const SHOTS = setting("CONSOLE_SHOTS");           // the folder of screenshots
const STEER = JSON.parse(setting("CONSOLE_STEER"));  // the command that steers

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
export const withPage = ({ token = ADMIN, theme = "light", phone = false, start = "/console/" } = {}, work) =>
  withWatchedPage({ viewport: phone ? PHONE : DESKTOP, colorScheme: theme, deviceScaleFactor: 1, hasTouch: phone,
    acceptDownloads: true, permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await page.goto(`${URL}${start}`);
    if (token !== null) await signIn(page, token);
    await work(page, page.context());
  });

export async function signIn(page, token) {
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").waitFor();
}

export async function visit(page, title) {
  await page.getByRole("navigation").getByRole("link", { name: title }).click();
  await page.getByRole("heading", { name: title, level: 1 }).waitFor();
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
