// Pictures: loaded from WhatsApp's CDN by the browser, or from Portrait if it
// keeps pictures. A picture that cannot be shown says why.
import { call, fetchPicture, part } from "./api.js";
import { h, icon } from "./dom.js";

const MAX_SEEN = 5000;
const MAX_KEPT_BYTES = 32 << 20;   // pictures from Portrait in memory
const MISSING_SECONDS = 20;
const PARALLEL = 4;

// ---- what was seen: the URLs of pictures by their id, also of older pictures

const seen = new Map();

export function remember(picture) {
  if (!picture?.id || !(picture.previewUrl || picture.url)) return;
  seen.delete(picture.id);
  seen.set(picture.id, { url: picture.previewUrl || picture.url, expires: picture.urlExpireTime });
  if (seen.size > MAX_SEEN) seen.delete(seen.keys().next().value);
}

export const isExpired = (time) => time !== undefined && new Date(time) <= Date.now();

// ---- few requests at a time

let running = 0;
const queue = [];
function inTurn(task) {
  return new Promise((resolve) => {
    queue.push(async () => {
      ++running;
      resolve(await task().catch(() => null));
      --running;
      queue.shift()?.();
    });
    if (running < PARALLEL) queue.shift()();
  });
}

// ---- pictures that Portrait keeps

const kept = new Map();    // key → {url of a blob, bytes}, the oldest first
const missing = new Map(); // key → until when Portrait is not asked again
let keptBytes = 0;
let keepsPictures = true;  // until it says that it does not

/** Forgets all pictures: another tenant may sign in. */
export function forgetPictures() {
  for (const { url } of kept.values()) URL.revokeObjectURL(url);
  [seen, kept, missing].forEach((map) => map.clear());
  keptBytes = 0;
  keepsPictures = true;
}

function keep(key, blob) {
  const url = URL.createObjectURL(blob);
  kept.set(key, { url, bytes: blob.size });
  keptBytes += blob.size;
  // An image that is shown stays shown.
  for (const [oldest, one] of kept) {
    if (keptBytes <= MAX_KEPT_BYTES || oldest === key) break;
    kept.delete(oldest);
    keptBytes -= one.bytes;
    URL.revokeObjectURL(one.url);
  }
  return url;
}

// By default the full picture is kept; by a lookup of previews, the preview.
const FULL = [{ size: "full" }];
const SMALL = [{ thumbnailPixels: 256 }, { size: "preview" }];

/** The URL of a picture that Portrait keeps, in the first form that there is, or null. */
async function keptPicture(contact, id, forms) {
  for (const form of forms) {
    const key = JSON.stringify([contact, id, form]);
    if (kept.has(key)) return kept.get(key).url;
    if (!keepsPictures || missing.get(key) > Date.now()) continue;
    const blob = await inTurn(async () => {
      if (!keepsPictures) return null;
      try {
        return await fetchPicture(part("v1/profilePictures/{}/image", contact), { id, ...form });
      } catch (error) {
        if (error.status === 501) keepsPictures = false;
        return null;
      }
    });
    if (kept.has(key)) return kept.get(key).url;  // another frame asked for it, too
    if (blob) return keep(key, blob);
    // It may be fetched soon, or the failure may pass.
    missing.set(key, Date.now() + 1000 * MISSING_SECONDS);
    if (missing.size > MAX_SEEN) missing.delete(missing.keys().next().value);
  }
  return null;
}

/**
 * Where the picture of this id can be loaded from, or null. `may.images`: the
 * token may ask Portrait; `may.lookup`: and WhatsApp, through a lookup that is
 * answered from the store if it can be.
 */
async function findPicture(contact, id, { images, lookup } = {}) {
  const own = images && await keptPicture(contact, id, SMALL);
  if (own) return own;
  const known = seen.get(id);
  if (known && !isExpired(known.expires)) return known.url;
  if (lookup) {
    const answer = await inTurn(() =>
      call("GET", `${part("v1/profilePictures/{}", contact)}?size=both`));
    remember(answer?.profilePicture);
    if (answer?.profilePicture?.id === id) return seen.get(id)?.url ?? null;
  }
  return null;
}

// ---- frames

const placeholder = (text, button) => h("div", { class: "no-picture" }, icon("person"),
  text && h("span", {}, text), button);

/**
 * A frame with the picture `kept` {contact, id} if Portrait has it, else with the
 * one at `url`. If the URL has expired, or the CDN refuses it, the frame says so
 * and offers `refresh`, if given.
 */
export function pictureFrame({ url, expires, alt, kind = "", refresh, none = "", kept: own }) {
  const frame = h("div", { class: `frame ${kind}` });
  const image = (src, onerror) => frame.replaceChildren(h("img", { src, alt, loading: "lazy",
    decoding: "async", referrerpolicy: "no-referrer", onerror }));
  const gone = (why) => frame.replaceChildren(placeholder(why,
    refresh && h("button", { type: "button", onclick: refresh }, "Get a new link")));
  const fromWhatsApp = () => {
    if (!url) frame.replaceChildren(placeholder(none));
    else if (isExpired(expires)) gone("This link has expired");
    else image(url, () => gone("This link no longer works"));
  };
  if (own && keepsPictures) {
    frame.append(placeholder(""));
    keptPicture(own.contact, own.id, kind === "full" ? FULL : SMALL).then((src) =>
      src ? image(src, fromWhatsApp) : fromWhatsApp());
  } else {
    fromWhatsApp();
  }
  return frame;
}

/** A small frame whose picture is looked for by its id, when it is visible. */
export function pictureById({ contact, id, alt, may, none = "Not kept" }) {
  const frame = h("div", { class: "frame thumb" });
  const missing = () => frame.replaceChildren(placeholder(none));
  if (!id) {
    frame.append(placeholder("None"));
    return frame;
  }
  frame.append(placeholder(""));
  new IntersectionObserver(async (entries, observer) => {
    if (!entries.some((e) => e.isIntersecting)) return;
    observer.disconnect();
    const url = await findPicture(contact, id, may);
    if (!url) return missing();
    frame.replaceChildren(h("img", { src: url, alt, decoding: "async",
      referrerpolicy: "no-referrer", onerror: missing }));
  }, { rootMargin: "200px" }).observe(frame);
  return frame;
}
