// Chromium for the tests of pages. Each page that a test opens is watched: an error
// of a script or a violation of the Content-Security-Policy fails the test.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import axe from "axe-core";

export const PATIENCE = 60_000;  // milliseconds, on a busy machine

let browser = null;
export async function openBrowser() {
  browser = await chromium.launch({ executablePath: process.env.PORTRAIT_CHROMIUM, args: ["--no-sandbox"] });
}
export const closeBrowser = () => browser.close();

/**
 * Opens an empty page in a new browser profile and calls `work(page, troubles)`,
 * which may add to `troubles`: they fail the test. `settings` are Playwright's.
 */
export async function withWatchedPage(settings, work) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...settings });
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
    await work(page, troubles);
    assert.deepEqual(troubles, []);
  } finally {
    await context.close();
  }
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
