// Look up: one contact, its pictures, what is known about it, and its history.
import { call, part } from "./api.js";
import { field, h, newId, show, whileBusy } from "./dom.js";
import { accounts } from "./feeds.js";
import { isExpired, pictureById, pictureFrame, remember } from "./picture.js";
import { CHANGE_KINDS, OUTCOME_SENTENCES, changeKind, date, number, outcomeOf, phoneOf, reasonWords,
  stranger, when } from "./words.js";

const PAGE_SIZE = 30;

// What was asked last, so that another view can be visited meanwhile.
let last = null;
/** Shows this contact when the view is opened next. */
export const lookUpNext = (contact) => { last = { contact }; };

export function openLookup({ may }) {
  const ids = { contact: newId("contact"), country: newId("country"), account: newId("account") };
  const input = h("input", { id: ids.contact, required: true, maxlength: 200, autocomplete: "off",
    spellcheck: "false", inputmode: "text", placeholder: "+1 310 555 1234 or 120363041234567890@g.us" });
  const country = h("input", { id: ids.country, maxlength: 2, pattern: "[A-Za-z]{2}", placeholder: "US",
    autocomplete: "off", class: "short" });
  const account = h("select", { id: ids.account }, h("option", { value: "" }, "Any account"));
  const fresh = h("input", { type: "checkbox" });
  const result = h("div", { class: "page", "aria-live": "polite" });
  const button = h("button", { class: "primary" }, "Look up");
  let controller = new AbortController();

  async function ask(contact, options = {}) {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    last = { contact };
    const query = new URLSearchParams({ size: "both" });
    if (options.fresh) query.set("maxAge", "0s");
    if (country.value) query.set("defaultCountry", country.value.toUpperCase());
    if (account.value) query.set("session", account.value);
    show(result, h("p", { class: "quiet", role: "status" }, "Looking up…"));
    try {
      const answer = await call("GET", `${part("v1/profilePictures/{}", contact)}?${query}`, undefined, { signal });
      const picture = answer.profilePicture;
      last.picture = picture;
      remember(picture);
      showResult(contact, picture);
    } catch (error) {
      if (!signal.aborted) showError(contact, error);
    }
  }

  function showResult(contact, picture) {
    show(result, cardOf(picture, () => ask(contact, { fresh: true }), may("IMAGES")),
      may("HISTORY") && historyOf(picture, { images: may("IMAGES") }));
  }

  const noAccount = () => ["No WhatsApp account is ready. ", may("ADMIN")
    ? h("a", { href: "#/accounts" }, "See the accounts, or link one.") : "The operator has to link one."];

  // People write numbers of their own country without it.
  const mayLackCountry = (contact, error) => error.reason === "ERROR_REASON_INVALID_CONTACT" && !country.value
    && /^[\d\s()./-]+$/.test(contact);

  function showError(contact, error) {
    const again = error.retrySeconds !== undefined || error.status === undefined || error.status >= 500;
    show(result, h("div", { class: "card" },
      h("p", { class: "banner bad", role: "alert" },
        // The server's text about this names commands of a terminal.
        error.reason === "ERROR_REASON_NO_SESSION" ? noAccount()
          : [error.reason ? `${reasonWords(error.reason)}. ` : "", stranger(error.message, 400),
            mayLackCountry(contact, error) && ", or enter the country in Options."]),
      again && h("div", { class: "row" },
        h("button", { type: "button", onclick: () => ask(contact) }, "Try again"))));
  }

  const stop = accounts.follow(() => {
    const names = (accounts.sessions ?? []).map((o) => o.session);
    if (account.options.length === names.length + 1) return;
    const chosen = account.value;
    show(account, h("option", { value: "" }, "Any account"), names.map((n) => h("option", { value: n }, n)));
    account.value = names.includes(chosen) ? chosen : "";
  });

  const form = h("form", { class: "card", onsubmit: (event) => {
    event.preventDefault();
    ask(input.value.trim(), { fresh: fresh.checked });
  } },
  h("div", { class: "field" },
    h("label", { for: ids.contact }, "Phone number, or address of a group or channel"),
    h("div", { class: "with-button" }, input, button)),
  h("details", {}, h("summary", {}, "Options"),
    h("div", { class: "fields" },
      field("Country of numbers without “+”", country),
      may("ADMIN") && field("Ask through", account),
      h("label", { class: "choice" }, fresh, "Ask WhatsApp, even if the stored answer is recent"))));

  if (last?.contact) {
    input.value = last.contact;
    if (last.picture) showResult(last.contact, last.picture);
    else ask(last.contact);
  }
  return {
    element: h("div", { class: "page" }, h("h1", {}, "Look up"), form, result),
    stop: () => { stop(); controller.abort(); },
  };
}

const fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, value)];

// `images`: the token may see what Portrait keeps.
function cardOf(picture, refresh, images) {
  const outcome = outcomeOf({ profilePicture: picture });
  const who = picture.name ? stranger(picture.name) : phoneOf(picture);
  const tone = { available: "good", unchanged: "good", not_registered: "warn" }[outcome] ?? "idle";
  const isGroup = /@(g\.us|newsletter)$/.test(picture.jid ?? "");
  const alt = (size) => `${size} of ${phoneOf(picture)}`;
  const expires = picture.urlExpireTime;
  const kept = images && picture.id && { contact: picture.jid, id: picture.id };
  const pictures = outcome === "available"
    ? [pictureFrame({ kind: "full", url: picture.url, expires, refresh, kept, alt: alt("Picture") }),
      picture.previewUrl && h("div", { class: "row" },
        pictureFrame({ kind: "thumb", url: picture.previewUrl, expires, kept, alt: alt("Preview picture") }),
        h("span", { class: "quiet small" }, "Preview"))]
    : [pictureFrame({ kind: "full", none: OUTCOME_SENTENCES[outcome] })];
  return h("article", { class: "card result" },
    h("div", { class: "pictures" }, pictures),
    h("div", { class: "page" },
      h("div", { class: "row spread" },
        h("div", {}, h("h2", { class: "big" }, who),
          picture.name && h("p", { class: "quiet" }, phoneOf(picture))),
        h("span", { class: `state ${tone}` }, OUTCOME_SENTENCES[outcome].replace(/\.$/, ""))),
      h("dl", { class: "facts" },
        !isGroup && fact("On WhatsApp", picture.registration === "REGISTRATION_REGISTERED" ? "Yes" : "No"),
        picture.isBusiness && fact("Business account", "Yes"),
        picture.phoneNumber && fact("Phone number", picture.phoneNumber),
        fact("Address", h("code", {}, picture.jid)),
        picture.lid && fact("LID", h("code", {}, picture.lid)),
        picture.id && fact("Picture id", h("code", {}, picture.id)),
        picture.changeTime && fact(picture.previousId ? "Changed" : "First seen", when(picture.changeTime)),
        fact("Checked", when(picture.checkTime),
          picture.source === "SOURCE_STORE" ? ", answered from the store" : ", asked WhatsApp now"),
        expires && (isExpired(expires)
          ? fact("Links", `Expired on ${date(expires)}. Ask WhatsApp again for new ones.`)
          : fact("Links work until", date(expires))),
        picture.session && fact("Seen by", picture.session)),
      h("div", { class: "row" },
        h("button", { type: "button", onclick: refresh }, "Ask WhatsApp again"),
        picture.url && outcome === "available" && !isExpired(expires) && [
          h("a", { class: "button", href: picture.url, target: "_blank", rel: "noreferrer noopener" },
            "Open the picture"),
          copyButton("Copy the link", picture.url)])));
}

/** A button that copies `text`, and says that it did. */
export function copyButton(words, text) {
  const button = h("button", { type: "button", onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      show(button, "Copied");
    } catch {
      show(button, "The browser does not allow it");
    }
    setTimeout(() => show(button, words), 2000);
  } }, words);
  return button;
}

// ---- history

function historyOf(picture, may) {
  const list = h("ol", { class: "timeline" });
  const more = h("button", { type: "button", hidden: true, onclick: () => load() }, "Older changes");
  const note = h("p", { class: "quiet" }, "Loading…");
  let page = "";

  const load = () => whileBusy(more, async () => {
    try {
      const query = new URLSearchParams({ pageSize: PAGE_SIZE, ...(page && { pageToken: page }) });
      const answer = await call("GET", `${part("v1/profilePictures/{}/changes", picture.jid)}?${query}`);
      const changes = answer.changes ?? [];
      list.append(...changes.map((change) => entryOf(change, picture, may)));
      page = answer.nextPageToken ?? "";
      more.hidden = page === "";
      const shown = list.children.length;
      show(note, shown === 0 ? "No change has been seen yet."
        : page === "" ? "" : `The newest ${number(shown)}.`);
    } catch (error) {
      show(note, error.message);
    }
  });

  load();
  return h("section", { class: "card" }, h("h2", {}, "History"), note, list, more);
}

function entryOf(change, picture, may) {
  const kind = CHANGE_KINDS[changeKind(change)] ?? "Change";
  return h("li", {},
    pictureById({ contact: picture.jid, id: change.newId, may, none: "Not kept",
      alt: `Picture ${change.newId}${change.newId === picture.id ? ", the current one" : ""}` }),
    h("div", {}, h("h3", {}, kind), h("p", { class: "quiet small" }, date(change.observeTime)),
      change.newId && h("p", { class: "small" }, h("code", {}, change.newId),
        change.newId === picture.id && " – current")));
}
