// Changes: a live feed, with the picture before and after.
import { h, icon, keyedList, show } from "./dom.js";
import { changes } from "./feeds.js";
import { lookUpNext } from "./lookup.js";
import { pictureById } from "./picture.js";
import { CHANGE_KINDS, changeKind, clock, count, number, phoneOf, relative, when } from "./words.js";

const SHOWN = 100;  // entries at first, and with each "more"

// What is filtered stays while the page is open. A first sight is no change of
// the contact, and a bulk lookup of new contacts has thousands.
const hidden = new Set(["FIRST_SEEN"]);

export function openChanges({ may }) {
  const status = h("span", { class: "state busy" });
  const note = h("p", { class: "quiet", role: "status" });
  const list = h("ol", { class: "changes" });
  const empty = h("div", { class: "card empty" }, icon("changes"), h("h2", {}, "Nothing to show yet"),
    h("p", {}, "When a contact that was looked up changes its picture, it appears here at once."));
  const more = h("button", { type: "button", hidden: true, onclick: () => { limit += SHOWN; draw(); } }, "Show more");
  const hold = h("button", { type: "button", "aria-pressed": "false", onclick: () => {
    held = held ? null : [...changes.list];
    hold.setAttribute("aria-pressed", `${held !== null}`);
    draw();
  } }, "Hold still");
  const stored = h("button", { type: "button", onclick: () => {
    changes.restart("beginning");
    stored.hidden = true;
  } }, "Show stored changes");
  const withPictures = { images: may("IMAGES"), lookup: may("LOOKUP") };
  const update = keyedList(list, (change) => change.sequence, (change) => entryOf(change, withPictures));
  let limit = SHOWN, held = null;

  const chips = Object.entries(CHANGE_KINDS).map(([kind, words]) => {
    const box = h("input", { type: "checkbox", checked: !hidden.has(kind), onchange: () => {
      if (box.checked) hidden.delete(kind);
      else hidden.add(kind);
      draw();
    } });
    const number = h("span", { class: "quiet number" });
    return { kind, number, element: h("label", { class: "chip" }, box, words, number) };
  });

  function draw() {
    const all = held ?? changes.list;
    const [words, tone] = { live: ["Live", "good"], connecting: ["Connecting", "busy"],
      waiting: ["Connecting again", "warn"] }[changes.state];
    if (status.textContent !== words) {
      show(status, words);
      status.className = `state ${tone}`;
    }
    for (const chip of chips) {
      const n = all.filter((c) => changeKind(c) === chip.kind).length;
      chip.number.textContent = n ? number(n) : "";
    }
    const matching = all.filter((c) => !hidden.has(changeKind(c)));
    update(matching.slice(0, limit));
    empty.hidden = matching.length > 0;
    more.hidden = matching.length <= limit;
    const waiting = held ? changes.list.length - held.length : 0;
    const text = changes.error ? changes.error.message
      : waiting > 0 ? `${count(waiting, "newer change")} not shown.`
        : all.length === 0 ? "" : matching.length === all.length ? `${count(all.length, "change")}.`
          : `${number(matching.length)} of ${count(all.length, "change")}.`;
    if (note.textContent !== text) note.textContent = text;
  }

  changes.isWatched = true;
  changes.unseen = 0;
  changes.tell();
  const unfollow = changes.follow(draw);
  const timer = setInterval(() => {
    for (const time of list.querySelectorAll("time")) time.textContent = relative(time.dateTime);
  }, 20_000);
  return {
    element: h("div", { class: "page" },
      h("div", { class: "page-head" },
        h("div", { class: "row" }, h("h1", {}, "Changes"), status),
        h("div", { class: "row" }, stored, hold)),
      h("fieldset", {}, h("legend", { class: "hidden-text" }, "Kinds of changes to show"),
        h("div", { class: "chips" }, chips.map((chip) => chip.element))),
      note, empty, list, more),
    stop: () => {
      changes.isWatched = false;
      unfollow();
      clearInterval(timer);
    },
  };
}

function entryOf(change, may) {
  const kind = changeKind(change);
  const tone = { REMOVED: "bad", HIDDEN: "warn", UNREGISTERED: "bad", REPLACED: "busy" }[kind] ?? "good";
  const who = phoneOf(change);
  const side = (words, id) => h("figure", { class: "side" },
    pictureById({ contact: change.jid, id, may, alt: `${words}: picture of ${who}` }),
    h("figcaption", { class: "small quiet" }, words));
  return {
    element: h("li", { class: "card change" },
      h("div", { class: "sides" }, side("Before", change.oldId), icon("arrow"), side("After", change.newId)),
      h("div", { class: "what" },
        h("span", { class: `state ${tone}` }, CHANGE_KINDS[kind] ?? "Change"),
        may.lookup ? h("a", { href: "#/lookup", class: "who-link", onclick: () => lookUpNext(change.jid) }, who)
          : h("strong", {}, who),
        h("span", { class: "quiet small" }, when(change.observeTime), " · ", clock(change.observeTime)))),
  };
}
