// The look-up of a server that keeps pictures: they come from Portrait, and from
// WhatsApp's CDN only if Portrait does not have them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADMIN, api, change, checkAccess, closeBrowser, loaded, openBrowser, shoot, until, visit,
  withPage } from "./support.mjs";

const KEPT = "+4915123000190";
const NOT_KEPT = "+4915123000187";

const lookUpAlone = (contact, query = "", token = ADMIN) =>
  api("GET", `/v1/profilePictures/${encodeURIComponent(contact)}?size=both${query}`, undefined, token);

before(async () => {
  await openBrowser();
  // Two pictures of one contact are kept, and none of the other contact.
  await lookUpAlone(KEPT, "&images=IMAGE_WISH_WAIT");
  change(KEPT, "picture=1790000201");
  await lookUpAlone(KEPT, "&images=IMAGE_WISH_WAIT&maxAge=0s");
  await lookUpAlone(NOT_KEPT);
});
after(closeBrowser);

async function lookUp(page, contact) {
  await visit(page, "Look up");
  await page.getByLabel("Phone number, or address").fill(contact);
  await page.getByRole("button", { name: "Look up", exact: true }).click();
}

const sources = (scope) => scope.locator("img").evaluateAll((all) => all.map((i) => i.src.split(":")[0]));

/** Counts the requests of the page to the CDN, and refuses them. */
async function refuseCdn(page) {
  const asked = [];
  await page.route(/\/v\/t61/, (route) => {
    asked.push(route.request().url());
    return route.abort();
  });
  return asked;
}

test("kept pictures are shown without WhatsApp's CDN, in the result and in the history", () =>
  withPage({}, async (page) => {
    const asked = await refuseCdn(page);
    await lookUp(page, KEPT);
    await loaded(page.locator(".result"), 2);
    assert.deepEqual(await sources(page.locator(".result")), ["blob", "blob"]);
    const history = page.locator(".timeline li");
    await until("two entries", async () => (await history.count()) === 2);
    await loaded(page.locator(".timeline"), 2);
    assert.deepEqual(await sources(page.locator(".timeline")), ["blob", "blob"]);
    const widths = await page.locator(".timeline img").evaluateAll((all) => all.map((i) => i.naturalWidth));
    assert.ok(widths.every((w) => w <= 256), `${widths}`);
    assert.deepEqual(asked, []);
    await checkAccess(page);
    await shoot(page, "look-up-kept", { full: true });
  }));

test("a kept picture stays visible after its link has expired, which is then not offered", () =>
  withPage({}, async (page) => {
    await page.route(/\/v1\/profilePictures\/[^/]+\?/, async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.profilePicture.urlExpireTime = "2020-01-01T00:00:00Z";
      await route.fulfill({ response, json: body });
    });
    await lookUp(page, KEPT);
    await loaded(page.locator(".result"), 2);
    await page.getByText("Ask WhatsApp again for new ones").waitFor();
    assert.equal(await page.getByRole("link", { name: "Open the picture" }).count(), 0);
    assert.equal(await page.getByRole("button", { name: "Copy the link" }).count(), 0);
    await shoot(page, "look-up-kept-expired");
    await page.unroute(/\/v1\/profilePictures\/[^/]+\?/);
    await page.getByRole("button", { name: "Ask WhatsApp again" }).click();
    await page.getByRole("link", { name: "Open the picture" }).waitFor();
    // Of a picture that is not kept, an expired link is told in its place.
    await page.route(/\/v1\/profilePictures\/[^/]+\?/, async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      body.profilePicture.urlExpireTime = "2020-01-01T00:00:00Z";
      await route.fulfill({ response, json: body });
    });
    await lookUp(page, NOT_KEPT);
    await page.getByText("This link has expired").first().waitFor();
    await page.unroute(/\/v1\/profilePictures\/[^/]+\?/);
    await page.getByRole("button", { name: "Get a new link" }).click();
    await loaded(page.locator(".result"), 2);
  }));

test("a picture that is not kept is shown from WhatsApp's CDN", () => withPage({}, async (page) => {
  await lookUp(page, NOT_KEPT);
  await loaded(page.locator(".result"), 2);
  assert.deepEqual(await sources(page.locator(".result")), ["http", "http"]);
}));

test("a token without the right to images asks Portrait for none", async () => {
  const made = await api("POST", "/v1/tokens", { tenant: "plain", rights: ["RIGHT_LOOKUP"] });
  await withPage({ token: made.secret }, async (page) => {
    const asked = [];
    page.on("request", (request) => /\/image\?/.test(request.url()) && asked.push(request.url()));
    await lookUp(page, KEPT);
    await loaded(page.locator(".result"), 2);
    assert.deepEqual(await sources(page.locator(".result")), ["http", "http"]);
    assert.deepEqual(asked, []);
  });
});
