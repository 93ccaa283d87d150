// The page: sign-in, navigation, and one view at a time.
//
// Plain modules that the browser loads as they are: there is no build step, no
// framework and no generated file to keep in step. A view is a function that
// returns {element, stop()}; it changes only its own elements.
import { bus, call, signedOut } from "./api.js";
import { h, icon, newId, show, showTrouble, whileBusy } from "./dom.js";
import { stranger } from "./words.js";
import { VIEWS } from "./views.js";
import { bulk, discardRun, findRun, leaveRun } from "./bulk_run.js";
import { confirmDialog } from "./dialog.js";
import { changes, startFeeds, stopFeeds } from "./feeds.js";
import { forgetPictures } from "./picture.js";

const app = document.getElementById("app");
let token = null;    // the facts of the token that is signed in
let view = null;     // what is shown
let unfollowBadge = () => {};

const may = (right) => token.rights.some(
  (r) => r === "RIGHT_ADMIN" || r === `RIGHT_${right}`
    || (right === "WATCH" && r === "RIGHT_WATCH_ALL"));

const viewsOfToken = () => VIEWS.filter((v) => v.shows(may));

// ---- signing in and out

function takeLink() {
  const code = /^#link=([0-9a-f]{64})$/.exec(location.hash)?.[1];
  if (code) history.replaceState(null, "", location.pathname);
  return code;
}

async function start() {
  const link = takeLink();
  try {
    signedIn(await call("GET", "session", undefined, { quiet: true }));
    return;
  } catch (error) {
    if (error.status !== 401) return showSignIn(error.message);
  }
  if (!link) return showSignIn();
  try {
    signedIn(await call("POST", "session", { link }, { quiet: true }));
  } catch (error) {
    showSignIn(error.message);
  }
}

function showSignIn(reason) {
  leave();
  document.title = "Sign in – Portrait";
  const field = newId("token");
  const hint = newId("hint");
  const alert = h("div", { role: "alert" });
  const input = h("input", {
    id: field, type: "password", required: true, autocomplete: "off",
    spellcheck: "false", autocapitalize: "off", "aria-describedby": hint,
  });
  const button = h("button", { class: "primary", type: "submit" }, "Sign in");
  const tell = (text) => showTrouble(alert, text);

  const submit = (event) => {
    event.preventDefault();
    whileBusy(button, async () => {
      tell("");
      try {
        signedIn(await call("POST", "session", { token: input.value.trim() }, { quiet: true }));
      } catch (error) {
        tell(error.status === 401 ? "This token is unknown, revoked or expired." : error.message);
        input.select();
      }
    });
  };

  show(app, h("main", { class: "sign-in" },
    h("form", { class: "card", onsubmit: submit },
      h("div", { class: "brand" }, logo(), h("h1", {}, "Portrait")),
      h("p", { class: "quiet" }, "WhatsApp profile pictures, looked up by your own server."),
      alert,
      h("label", { for: field }, "Access token"), input,
      h("p", { id: hint, class: "quiet small" },
        "Begins with “pt_”. The first start of portraitd writes one to ",
        h("code", {}, "admin.token"), " in its data folder. It stays in the server: "
        + "this browser gets a cookie that ends with your session."),
      button)));
  tell(reason);
  input.focus();
}

function signedIn(facts) {
  token = { rights: [], ...facts };
  startFeeds(may);
  if (may("LOOKUP")) findRun(token.tenant);
  showShell();
}

function askToSignOut() {
  if (bulk.run === null) return signOut();
  confirmDialog({
    title: "Sign out?",
    text: "The list of the bulk lookup and its results are deleted from this browser. "
      + "Download them first if you need them.",
    yes: "Sign out", act: signOut });
}

async function signOut() {
  await discardRun();
  await call("DELETE", "session", undefined, { quiet: true }).catch(() => {});
  signedOut("");
}

bus.addEventListener("signed-out", (event) => {
  if (token === null) return;
  const reason = event.detail;
  showSignIn(reason === "" ? "" : `You have been signed out: ${reason}.`);
});

// ---- the frame around the views

const logo = () => h("img", { class: "logo", src: "icon.svg", alt: "", width: 32, height: 32 });

function showShell() {
  const main = h("main", { id: "main", tabindex: "-1" });
  const badge = h("span", { class: "badge", hidden: true });
  const links = new Map(viewsOfToken().map((v) => [v.name, h("a", { href: `#/${v.name}` },
    icon(v.name), h("span", {}, v.title), v.name === "changes" && badge)]));
  show(app,
    h("a", { class: "skip", href: "#main", onclick: (e) => (e.preventDefault(), main.focus()) },
      "Skip to the content"),
    h("header", { class: "top" },
      h("div", { class: "brand" }, logo(), h("span", {}, "Portrait")),
      h("nav", { "aria-label": "Pages" }, [...links.values()]),
      h("div", { class: "who" },
        h("span", { class: "quiet tenant", title: "The tenant of your token" },
          stranger(token.tenant, 30)),
        h("button", { class: "plain", onclick: askToSignOut }, icon("out"), h("span", {}, "Sign out")))),
    main);
  unfollowBadge();
  unfollowBadge = changes.follow(() => {
    const { unseen } = changes;
    badge.hidden = unseen === 0;
    badge.textContent = unseen > 99 ? "99+" : `${unseen}`;
    badge.setAttribute("aria-label", `${unseen} new`);
  });
  app.route = () => route(main, links);
  app.route();
}

function route(main, links) {
  const all = viewsOfToken();
  const wanted = /^#\/(\w+)/.exec(location.hash)?.[1];
  const next = all.find((v) => v.name === wanted) ?? all[0];
  view?.stop?.();
  view = null;
  if (!next) {
    return show(main, h("p", { class: "banner" }, "This token may do nothing that the console shows."));
  }
  document.title = `${next.title} – Portrait`;
  for (const [name, link] of links) {
    if (name === next.name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  view = next.open({ token, may });
  show(main, view.element);
  if (wanted) main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function leave() {
  view?.stop?.();
  view = null;
  token = null;
  app.route = undefined;
  stopFeeds();
  forgetPictures();
  leaveRun();
  document.querySelectorAll("dialog").forEach((d) => d.close());
}

window.addEventListener("hashchange", () => app.route?.());
start();
