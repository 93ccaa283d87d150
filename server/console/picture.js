// Pictures: loaded from WhatsApp's CDN by the browser, or from Portrait if it
// keeps pictures. A picture that cannot be shown says why.
import { call, fetchPicture, part } from "./api.js";
import { h, icon } from "./dom.js";

const MAX_SEEN = 5000;
const MAX_KEPT = 200;   // pictures from Portrait in memory
const PARALLEL = 4;

// ---- what was seen: the URLs of pictures by their id, also of older pictures

const seen = new Map();

export function remember(picture) {
  if (!picture?.id || !(picture.previewUrl || picture.url)) return;
  seen.delete(picture.id);
  seen.set(picture.id, { url: picture.previewUrl || picture.url, expires: picture.urlExpireTime });
  if (seen.size > MAX_SEEN) seen.delete(seen.keys().next().value);
}

const isExpired = (time) => time !== undefined && new Date(time) <= Date.now();

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

const kept = new Map();        // "contact id" → blob URL, or null: it has none
let keepsPictures = true;      // until it says that it does not

async function keptPicture(contact, id) {
  const key = `${contact} ${id}`;
  if (!keepsPictures) return null;
  if (kept.has(key)) return kept.get(key);
  let isAnswered = true;
  const blob = await inTurn(async () => {
    if (!keepsPictures) return null;
    try {
      return await fetchPicture(part("v1/profilePictures/{}/image", contact), { id, size: "preview" });
    } catch (error) {
      if (error.status === 501) keepsPictures = false;
      isAnswered = error.status === 404;
      return null;
    }
  });
  const url = blob && URL.createObjectURL(blob);
  // Another failure may pass: the picture is asked for again the next time.
  if (!isAnswered) return null;
  kept.set(key, url);
  if (kept.size > MAX_KEPT) {
    const [oldest, old] = kept.entries().next().value;
    kept.delete(oldest);
    if (old) URL.revokeObjectURL(old);
  }
  return url;
}

/**
 * Where the picture of this id can be loaded from, or null. `may.images`: the
 * token may ask Portrait; `may.lookup`: and WhatsApp, through a lookup that is
 * answered from the store if it can be.
 */
async function findPicture(contact, id, { images, lookup } = {}) {
  const known = seen.get(id);
  if (known && !isExpired(known.expires)) return known.url;
  if (images) {
    const url = await keptPicture(contact, id);
    if (url) return url;
  }
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
 * A frame with the picture at `url`. If the URL has expired, or the CDN refuses
 * it, the frame says so and offers `refresh`, if given.
 */
export function pictureFrame({ url, expires, alt, kind = "", refresh, none = "" }) {
  const frame = h("div", { class: `frame ${kind}` });
  const gone = (why) => frame.replaceChildren(placeholder(why,
    refresh && h("button", { type: "button", onclick: refresh }, "Get a new link")));
  if (!url) {
    frame.append(placeholder(none));
  } else if (isExpired(expires)) {
    gone("This link has expired");
  } else {
    frame.append(h("img", { src: url, alt, loading: "lazy", decoding: "async",
      referrerpolicy: "no-referrer", onerror: () => gone("This link no longer works") }));
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
