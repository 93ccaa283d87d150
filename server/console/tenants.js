// Tenants: who may call the server, how much they do, and what the enumeration
// guard says about them. A caller without the right admin sees its own usage.
import { call, part } from "./api.js";
import { barChart } from "./chart.js";
import { confirmDialog, openDialog } from "./dialog.js";
import { field, h, keyedList, newId, show, showTrouble, whileBusy } from "./dom.js";
import { copyButton } from "./lookup.js";
import { RIGHTS, count, date, day, number, rate, short, when } from "./words.js";

const MONTHS = 12;
const SERIES = [
  { name: "from the store", colour: "--c-unchanged" },
  { name: "from WhatsApp", colour: "--c-available" },
  { name: "failed", colour: "--c-error" },
];

// "2026-11", the last MONTHS months, oldest first.
function lastMonths() {
  const now = new Date();
  return Array.from({ length: MONTHS }, (_, i) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS + 1 + i, 1)).toISOString().slice(0, 7));
}

// The chart of a tenant's usage. `tenant` empty: the caller's own.
function usageOf(tenant) {
  const element = h("div", {}, h("p", { class: "quiet" }, "Loading…"));
  const monthOf = async (month) => {
    try {
      return await call("GET", `v1/usage?${new URLSearchParams({ month, ...(tenant && { tenant }) })}`);
    } catch (error) {
      if (error.status === 404) return { month };
      throw error;
    }
  };
  const words = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" });
  const long = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
  (async () => {
    try {
      const months = await Promise.all(lastMonths().map(monthOf));
      const now = months.at(-1);
      const quota = Number(now.monthlyQuota ?? 0), used = Number(now.lookups ?? 0);
      show(element,
        h("p", {}, `${count(used, "lookup")} this month`,
          quota > 0 && ` of ${number(quota)} (${Math.round((100 * used) / quota)} %)`, "."),
        quota > 0 && h("meter", { min: 0, max: quota, high: 0.9 * quota, "aria-label": "Quota used",
          value: Math.min(used, quota) }),
        barChart({ series: SERIES, title: `Lookups per month${tenant && ` of ${tenant}`}`,
          columns: months.map((m) => ({ label: words.format(new Date(`${m.month}-01`)),
            name: long.format(new Date(`${m.month}-01`)),
            parts: [m.fromStore, m.fromWhatsapp, m.failed].map((n) => Number(n ?? 0)) })) }));
    } catch (error) {
      showTrouble(element, error.message);
    }
  })();
  return element;
}

// ---- the guard

const SIGNS = {
  crowded: "It asks for numbers close together, as when a range is walked.",
  unregistered: "Hardly any of its numbers is on WhatsApp.",
};

function verdictOf(finding) {
  if (!finding) return h("p", { class: "quiet small" }, "The guard has found nothing.");
  const paused = isPaused(finding);
  return h("div", { class: `banner ${paused ? "bad" : "warn"}` },
    h("strong", {}, paused ? "Paused by the enumeration guard. " : "The enumeration guard paused it before. "),
    SIGNS[finding.sign] ?? "It was paused before the server started.", " ",
    finding.refused > 0 && `${count(finding.refused, "number")} refused. `,
    paused ? ["New numbers are taken again ", when(finding.pausedUntil), "."]
      : ["Found ", when(finding.foundAt), "."]);
}

// ---- tokens

const rightNames = (token) => (token.rights ?? []).map((r) => short(r, "RIGHT_"));

function describe(token) {
  const names = rightNames(token);
  const rights = names.includes("ADMIN") ? "everything"
    : names.map((n) => n.toLowerCase().replace("_", "-")).join(", ");
  const limits = [Number(token.monthlyQuota ?? 0) > 0 && `${number(token.monthlyQuota)} a month`,
    token.lookupsPerSecond > 0 && `${rate(token.lookupsPerSecond)} per second`,
    token.enumerationGuardOff && "not guarded"].filter(Boolean).join(", ");
  return { rights, limits };
}

// Its facts are shown again at each update: a token expires while it is shown.
function tokenItem(first, own, refresh) {
  const { tokenId, tenant } = first;
  const isOwn = tokenId === own;
  const facts = h("div", { class: "token" });
  const element = h("li", {}, facts,
    h("button", { type: "button", class: "danger", "aria-label": `Revoke ${tokenId}`,
      onclick: () => confirmDialog({
        title: `Revoke ${tokenId}?`,
        text: `Calls of ${tenant} with this token fail from now on, and its open streams end.`
          + (isOwn ? " You are signed in with it, and will be signed out." : ""),
        yes: "Revoke",
        act: async () => {
          await call("DELETE", part("v1/tokens/{}", tokenId));
          refresh();
        } }) }, "Revoke"));
  return {
    element,
    update(token) {
      const { rights, limits } = describe(token);
      const isExpired = token.expireTime && new Date(token.expireTime) < Date.now();
      show(facts,
        h("h3", {}, h("code", {}, tokenId), isOwn && h("span", { class: "tag" }, "this sign-in")),
        h("p", {}, `May: ${rights}`),
        h("p", { class: "quiet small" }, limits && `${limits}. `, `Made on ${day(token.createTime)}, `,
          token.expireTime ? h("span", { class: isExpired ? "failed" : "" },
            `${isExpired ? "expired" : "expires"} on ${day(token.expireTime)}.`) : "never expires."));
    },
  };
}

// The card of {tenant, tokens, finding}, which stays while the tenant does.
function tenantCard({ tenant }, own, refresh) {
  const verdict = h("div", {}), usage = h("div", {});
  const list = h("ul", { class: "tokens", "aria-label": `Tokens of ${tenant}` });
  const details = h("details", { ontoggle: () => {
    if (details.open && !usage.firstChild) usage.append(usageOf(tenant));
  } }, h("summary", {}, "Usage by month"), usage);
  const update = keyedList(list, (token) => token.tokenId, (token) => tokenItem(token, own, refresh));
  return {
    element: h("article", { class: "card tenant-card", "aria-label": `Tenant ${tenant}` },
      h("div", { class: "row spread" }, h("h2", {}, tenant),
        h("button", { type: "button", onclick: () => openTokenForm(tenant, refresh) }, "New token")),
      verdict, list, details),
    update({ tokens, finding }) {
      show(verdict, verdictOf(finding));
      update(tokens);
    },
  };
}

const isPaused = (finding) => finding !== undefined && new Date(finding.pausedUntil) > Date.now();

// [{tenant, tokens, finding}], the ones that need attention first.
function tenantsOf(tokens, findings) {
  const tenants = new Map();
  const entry = (tenant) => {
    if (!tenants.has(tenant)) tenants.set(tenant, { tenant, tokens: [] });
    return tenants.get(tenant);
  };
  for (const token of tokens) entry(token.tenant).tokens.push(token);
  for (const finding of findings) entry(finding.tenant).finding = finding;
  return [...tenants.values()].sort((a, b) =>
    isPaused(b.finding) - isPaused(a.finding) || a.tenant.localeCompare(b.tenant));
}

export function openTenants({ token, may }) {
  if (!may("ADMIN")) {
    return { element: h("div", { class: "page" }, h("h1", {}, "Usage"), h("div", { class: "card" }, usageOf(""))) };
  }
  const alert = h("div", { role: "alert" });
  const summary = h("p", { class: "quiet", role: "status" });
  const list = h("div", { class: "page" });
  const update = keyedList(list, (one) => one.tenant, (one) => tenantCard(one, token.tokenId, refresh));
  let stopped = false;

  async function refresh() {
    try {
      const [{ tokens = [] }, { findings }] = await Promise.all([
        call("GET", "v1/tokens"), call("GET", "guard")]);
      if (stopped) return;
      show(alert);
      const tenants = tenantsOf(tokens, findings);
      const paused = findings.filter(isPaused).length;
      summary.textContent = `${count(tenants.length, "tenant")}, ${count(tokens.length, "token")}`
        + `${paused > 0 ? `, ${number(paused)} paused by the guard` : ""}.`;
      update(tenants);
    } catch (error) {
      if (!stopped) showTrouble(alert, error.message);
    }
  }
  refresh();
  const timer = setInterval(() => { if (!document.hidden && !document.querySelector("dialog")) refresh(); }, 30_000);
  return {
    element: h("div", { class: "page" },
      h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Tenants"), summary),
        h("button", { type: "button", class: "primary", onclick: () => openTokenForm("", refresh) }, "New token")),
      alert, list),
    stop: () => { stopped = true; clearInterval(timer); },
  };
}

// ---- a new token

const USUAL = ["LOOKUP", "HISTORY", "WATCH", "FORGET"];
const LIVES = [["90", "90 days"], ["365", "1 year"], ["7", "7 days"], ["", "Never"]];

function openTokenForm(tenant, refresh) {
  const ids = { tenant: newId("tenant"), quota: newId("quota"), rate: newId("rate"), life: newId("life"),
    hint: newId("hint") };
  const name = h("input", { id: ids.tenant, value: tenant, required: true, pattern: "[a-z0-9-]{1,63}", maxlength: 63,
    autocomplete: "off", spellcheck: "false", "aria-describedby": ids.hint });
  const quota = h("input", { id: ids.quota, type: "number", min: 0, step: 1, placeholder: "no limit" });
  const perSecond = h("input", { id: ids.rate, type: "number", min: 0, max: 1e6, step: "any",
    placeholder: "no limit" });
  const life = h("select", { id: ids.life }, LIVES.map(([value, words]) => h("option", { value }, words)));
  const unguarded = h("input", { type: "checkbox" });
  const rights = Object.entries(RIGHTS).map(([key, words]) => {
    const box = h("input", { type: "checkbox", checked: USUAL.includes(key), value: `RIGHT_${key}` });
    return { box, element: h("label", { class: "choice" }, box, words) };
  });
  const alert = h("div", { role: "alert" });
  const button = h("button", { class: "primary" }, "Make the token");
  const { body, close } = openDialog("New token", form());

  function form() {
    return h("form", { class: "page", onsubmit: submit },
      field("Tenant", name,
        h("p", { id: ids.hint, class: "quiet small" }, "The customer, team or program that calls: lower-case letters, "
          + "digits and hyphens. Limits count for all tokens of a tenant together.")),
      h("fieldset", {}, h("legend", {}, "It may"), h("div", { class: "choices" }, rights.map((r) => r.element))),
      h("div", { class: "fields" },
        field("Lookups a month", quota),
        field("Lookups per second", perSecond),
        field("Expires after", life)),
      h("label", { class: "choice" }, unguarded, "Do not guard against enumeration"),
      alert,
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => close() }, "Cancel"), button));
  }

  function submit(event) {
    event.preventDefault();
    const chosen = rights.filter((r) => r.box.checked).map((r) => r.box.value);
    if (chosen.length === 0) {
      showTrouble(alert, "Choose what the token may do.");
      return;
    }
    whileBusy(button, () => make(chosen));
  }

  async function make(chosen) {
    try {
      const made = await call("POST", "v1/tokens", {
        tenant: name.value, rights: chosen, monthlyQuota: quota.value || "0",
        lookupsPerSecond: Number(perSecond.value || 0), enumerationGuardOff: unguarded.checked,
        ...(life.value && { expireTime: new Date(Date.now() + 86_400_000 * life.value).toISOString() }) });
      refresh();
      show(body, secretOf(made));
      body.querySelector("button").focus();
    } catch (error) {
      showTrouble(alert, error.message);
    }
  }

  function secretOf({ token, secret }) {
    return h("div", { class: "page" },
      h("p", { class: "banner good", role: "status" },
        `The token of ${token.tenant} is made. It is shown now and never again.`),
      h("p", { class: "secret" }, h("code", {}, secret)),
      token.expireTime && h("p", { class: "quiet small" }, `It expires on ${date(token.expireTime)}.`),
      h("div", { class: "actions" }, copyButton("Copy the token", secret),
        h("button", { type: "button", class: "primary", onclick: () => close() }, "Done")));
  }
}
