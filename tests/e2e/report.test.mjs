// Opens the pages of `portrait report` from the disk in Chromium; report_test.py
// made them. Any error of a script, violation of the Content-Security-Policy,
// dialog or request to a network fails the test.
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { checkAccess, closeBrowser, openBrowser, withWatchedPage } from "./browser.mjs";

const FOLDER = process.env.PORTRAIT_REPORTS;
const SHOTS = process.env.PORTRAIT_SHOTS;
const MAX_CARDS = 200;     // in the page at a time

before(openBrowser);
after(closeBrowser);

/** Opens a report and calls `work(page)`. */
const withReport = (name, { theme = "light", width = 1280, height = 900 } = {}, work) =>
  withWatchedPage({ viewport: { width, height }, colorScheme: theme }, async (page, troubles) => {
    page.on("dialog", (dialog) => { troubles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) troubles.push(request.url());
    });
    await page.goto(pathToFileURL(path.join(FOLDER, name)).href);
    await page.waitForFunction(() => document.getElementById("found").textContent !== "");
    await work(page);
  });

const toSheet = async (page) => {
  await page.evaluate(() => document.getElementById("contacts").scrollIntoView());
  await page.waitForSelector(".card");
};
const found = (page) => page.textContent("#found");
const loaded = (page, selector) => page.$$eval(`${selector} img`, async (images) => {
  for (const image of images) { image.loading = "eager"; await image.decode(); }
  return images.length;
});

test("the page shows outcomes, changes, look-alikes and failures", () =>
  withReport("some.html", {}, async (page) => {
    const legend = await page.$$eval(".legend li", (items) => items.map((item) => item.textContent));
    assert.deepEqual(legend.map((text) => text.match(/^\D+/)[0]), ["Picture", "Hidden", "Not on WhatsApp", "Failed"]);
    assert.equal(await loaded(page, ".pair"), 2);
    assert.equal(await page.$$eval(".group", (groups) => groups.length), 1);
    assert.match(await page.textContent(".group"), /The same picture at 2 contacts/);
    assert.match(await page.textContent("#reasons"), /INVALID_CONTACT.*too short.*Asking again will not help/);
    await page.screenshot({ path: path.join(SHOTS, "report.png") });
    await checkAccess(page);
  }));

test("filters and the search find contacts by each column", () =>
  withReport("some.html", {}, async (page) => {
    await toSheet(page);
    const all = await found(page);
    await page.click("#chips button:has-text('Hidden')");
    assert.match(await found(page), /^1 of /);
    await page.click("#chips button:has-text('All')");
    assert.equal(await found(page), all);
    await page.fill("#search", "TIMBER 49172");
    await page.waitForFunction(() => document.getElementById("found").textContent.startsWith("1 of "));
    await page.fill("#search", "no such contact");
    await page.waitForSelector("#nothing:not([hidden])");
    await page.click("#chips button:has-text('All')");
    await page.click("#reasons button");
    assert.match(await found(page), /^2 of /);
  }));

test("text of strangers stays text", () =>
  withReport("some.html", {}, async (page) => {
    await toSheet(page);
    const name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
    await page.fill("#search", "onerror");
    await page.waitForFunction(() => document.getElementById("found").textContent.startsWith("1 of "));
    assert.equal(await page.textContent(".card strong"), name);
    await page.click(".card");
    assert.equal(await page.textContent("dialog h2"), name);
    assert.equal(await page.$$eval("script", (scripts) => scripts.length), 2);
    await page.keyboard.press("Escape");
    assert.equal(await page.$("dialog[open]"), null);
  }));

test("a phone and a dark screen show it, too", () =>
  withReport("some.html", { theme: "dark", width: 390, height: 844 }, async (page) => {
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.screenshot({ path: path.join(SHOTS, "report-phone.png") });
    await toSheet(page);
    await page.screenshot({ path: path.join(SHOTS, "report-phone-sheet.png") });
  }));

test("it prints on light paper, with a limited number of cards", () =>
  withReport("many.html", { theme: "dark" }, async (page) => {
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.$$eval(".card", (cards) => cards.length), 500);
    assert.match(await page.textContent("#printed"), /first 500/);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    assert.equal(await page.isVisible("nav"), false);
    await page.screenshot({ path: path.join(SHOTS, "report-print.png") });
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.isVisible("#printed"), false);
  }));

test("100,000 contacts scroll and are searched with few cards in the page", () =>
  withReport("many.html", {}, async (page) => {
    assert.equal(await found(page), "100,000 contacts");
    const cards = () => page.$$eval(".card", (all) => all.length);
    for (const share of [0.2, 0.7, 1]) {
      await page.evaluate((part) => scrollTo(0, part * document.body.scrollHeight), share);
      await page.waitForFunction(() => document.querySelector(".card") !== null);
      assert.ok(await cards() < MAX_CARDS);
    }
    await page.waitForFunction(() => [...document.querySelectorAll(".card")].some((card) =>
      card.textContent.includes("Person 99999") && card.getBoundingClientRect().top < innerHeight));
    await page.fill("#search", "person 77777");
    await page.waitForFunction(() => document.getElementById("found").textContent === "1 of 100,000 contacts");
    assert.ok(await cards() < MAX_CARDS);
  }));
