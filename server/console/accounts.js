// Accounts: the state of each WhatsApp account, and linking another.
import { call, part } from "./api.js";
import { sparkline } from "./chart.js";
import { confirmDialog } from "./dialog.js";
import { h, icon, keyedList, show, showTrouble, whileBusy } from "./dom.js";
import { accounts } from "./feeds.js";
import { openLinking } from "./linking.js";
import { clock, count, date, day, number, phoneOf, rate, sessionState, short, stranger } from "./words.js";

const CHART_STEPS = 60;

// Lookups per second and failures between samples, in at most CHART_STEPS steps.
function pastOf(samples) {
  const size = Math.max(1, Math.ceil((samples.length - 1) / CHART_STEPS));
  const rates = [], failures = [];
  for (let i = size; i < samples.length; i += size) {
    const from = samples[i - size], to = samples[i];
    const seconds = (to.time - from.time) / 1000;
    rates.push(Math.max(0, to.lookups - from.lookups) / Math.max(seconds, 0.001));
    failures.push(Math.max(0, to.failures - from.failures));
  }
  return { rates, failures };
}

function chartOf(samples) {
  const { rates, failures } = pastOf(samples);
  const failed = failures.reduce((a, b) => a + b, 0);
  const minutes = samples.length < 2 ? 0 : (samples.at(-1).time - samples[0].time) / 60000;
  const span = minutes < 1.5 ? "the last minute" : `the last ${Math.round(minutes)} minutes`;
  const now = rates.at(-1) ?? 0;
  return [
    sparkline({ rates, failures,
      label: `Lookups per second in ${span}: now ${rate(now)}; ${count(failed, "failure")}` }),
    h("p", { class: "quiet small chart-note" }, h("span", {}, `${rate(now)}/s now`),
      h("span", { class: failed ? "failed" : "" }, `${count(failed, "failure")} in ${span}`))];
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

// The time of today, else the date.
function clockOrDate(time) {
  const isToday = new Date(time).toDateString() === new Date().toDateString();
  return h("time", { datetime: time }, isToday ? clock(time) : date(time));
}

function paceOf(session) {
  const limit = session.lookupsPerSecondLimit ?? 0;
  return limit > 0 ? `${rate(limit)}/s` : "no limit";
}

// The sentence below the state, if there is something to add.
function explanationOf(session) {
  const state = short(session.state, "SESSION_STATE_");
  if (session.resumeTime) return ["Goes on by itself at ", clock(session.resumeTime), "."];
  if (state === "LOGGED_OUT") return "Log it out here as well, then link it again.";
  if (state === "PAUSED") return "Connected, but does no lookups.";
  if (state === "CONNECTING" && session.stateReason) return "Reconnecting by itself.";
  return null;
}

function makeCard(first, tell) {
  const head = h("div", { class: "row spread" });
  const note = h("div", {});
  const figures = h("dl", { class: "figures" });
  const chart = h("div", {});
  const since = h("p", { class: "quiet small" });
  const pause = h("button", { type: "button", onclick: () => act() });
  let session = first, shown = "";

  const act = () => whileBusy(pause, async () => {
    const verb = isPaused() ? "resume" : "pause";
    try {
      await call("POST", part(`v1/sessions/{}:${verb}`, session.session));
      tell("");
    } catch (error) {
      tell(error.message);
    }
    accounts.wake();
  });
  const isPaused = () => short(session.state, "SESSION_STATE_") === "PAUSED";

  const logOut = h("button", { type: "button", class: "danger", onclick: () => confirmDialog({
    title: `Log out ${session.session}?`,
    text: `The linked device disappears from the phone of ${phoneOf(session)}, and its keys are deleted. `
      + "To use the account again, link it again.",
    yes: "Log out",
    act: async () => {
      await call("DELETE", part("v1/sessions/{}", session.session));
      accounts.wake();
    },
  }) }, "Log out");

  const element = h("article", { class: "card account", "aria-label": `Account ${first.session}` },
    head, note, figures, chart, since, h("div", { class: "row actions" }, pause, logOut));

  return {
    element,
    update(next) {
      session = next;
      const samples = accounts.samples.get(session.session) ?? [];
      show(chart, chartOf(samples));
      const text = JSON.stringify(session);
      if (text === shown) return;
      shown = text;
      const [words, tone] = sessionState(session);
      show(head,
        h("div", {}, h("h2", {}, session.session),
          h("p", { class: "quiet" }, phoneOf(session), session.pushName && " · ",
            session.pushName && stranger(session.pushName, 60))),
        h("span", { class: `state ${tone}` }, words));
      const explanation = explanationOf(session);
      show(note, (explanation || session.stateReason) && h("p", { class: "small quiet" }, explanation,
        session.stateReason && [" ", h("code", {}, stranger(session.stateReason))]));
      show(figures,
        figure("Lookups", number(session.lookups)), figure("Failures", number(session.failures)),
        figure("Under way", number(session.inFlight)), figure("Pace at most", paceOf(session)));
      show(since, "In this state since ", clockOrDate(session.stateTime),
        session.pairTime && [", linked ", day(session.pairTime)],
        session.proxy && [", proxy ", h("code", {}, stranger(session.proxy, 60))]);
      show(pause, isPaused() ? "Resume" : "Pause");
      pause.hidden = tone === "bad";
      pause.setAttribute("aria-label", `${isPaused() ? "Resume" : "Pause"} ${session.session}`);
      logOut.setAttribute("aria-label", `Log out ${session.session}`);
    },
  };
}

function summaryOf(sessions) {
  if (sessions.length === 0) return "";
  const ready = sessions.filter((o) => o.state === "SESSION_STATE_READY");
  const limits = ready.map((o) => o.lookupsPerSecondLimit ?? 0);
  const pace = ready.length === 0 ? "no lookups are possible"
    : limits.includes(0) ? "no pace limit"
      : `up to ${rate(limits.reduce((a, b) => a + b, 0))} lookups per second`;
  return `${count(sessions.length, "account")}, ${number(ready.length)} ready: ${pace}.`;
}

export function openAccounts() {
  const alert = h("div", { role: "alert" });
  const tell = (text) => showTrouble(alert, text);
  const summary = h("p", { class: "quiet", role: "status" });
  const list = h("div", { class: "cards" });
  const empty = h("div", { class: "card empty", hidden: true }, icon("accounts"),
    h("h2", {}, "No WhatsApp account is linked"),
    h("p", {}, "Portrait looks contacts up through an account that you link, as WhatsApp Web does. "
      + "Use one that you can afford to lose."),
    h("button", { type: "button", class: "primary", onclick: () => openLinking() }, "Link an account"));
  const update = keyedList(list, (session) => session.session, (session) => makeCard(session, tell));
  let trouble = null;

  const stop = accounts.follow(() => {
    if (accounts.error !== trouble) {
      trouble = accounts.error;
      tell(trouble?.message ?? "");
    }
    if (accounts.sessions === undefined) return;
    empty.hidden = accounts.sessions.length > 0;
    const text = summaryOf(accounts.sessions);
    if (summary.textContent !== text) summary.textContent = text;
    update(accounts.sessions);
  });

  return {
    element: h("div", { class: "page" },
      h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Accounts"), summary),
        h("button", { type: "button", class: "primary", onclick: () => openLinking() }, "Link an account")),
      alert, empty, list),
    stop,
  };
}
