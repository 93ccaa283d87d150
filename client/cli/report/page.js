"use strict";
// Everything that the page shows of the data is set as text or as the address of
// a picture, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const count = (n) => n.toLocaleString("en");
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

const OUTCOMES = {
  available: "Picture", unchanged: "Unchanged", hidden: "Hidden",
  not_set: "No picture", not_registered: "Not on WhatsApp",
  unknown: "Unknown", error: "Failed",
};
const PRINTED_CARDS = 500;   // more would fill hundreds of pages
const LISTED_AT_FIRST = 12;  // changes and groups
const GAP = 12;              // px between cards
const SPARE_ROWS = 2;        // of cards, above and below what is visible

function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "tone") node.style.setProperty("--tone", `var(--${value})`);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// A row of the run; its values are read when they are needed.
class Row {
  constructor(index) { this.index = index; this.values = data.rows[index]; }
  // A value of our columns, such as "state"; "" if the run has no such column.
  get(name) {
    const at = data.ours[name];
    return at === undefined ? "" : this.values[at];
  }
  get outcome() {
    const state = this.get("state");
    if (Object.hasOwn(OUTCOMES, state)) return state;
    return this.get("error") ? "error" : "unknown";
  }
  get title() {
    return this.get("name") || this.given || this.contact;
  }
  // The contact's name in the caller's list.
  get given() {
    return data.titles.map((at) => this.values[at]).filter(Boolean).join(" ");
  }
  get contact() {
    return this.get("phone") || this.get("jid") ||
        data.contacts.map((at) => this.values[at]).find(Boolean) || "";
  }
  get picture() { return data.pictures[this.index]; }
  get changed() { return this.get("previous_id") !== ""; }
  get searched() {
    this.text ??= `${this.values.join("\n")}\n${OUTCOMES[this.outcome]}`.toLowerCase();
    return this.text;
  }
}
const rows = data.rows.map((_, index) => new Row(index));
const groupOf = new Map();
data.groups.forEach((group, at) => group.rows.forEach((r) => groupOf.set(r, at)));

function sourceOf(id) {
  const address = data.thumbnails[id];
  return address.startsWith("/9j/") ? `data:image/jpeg;base64,${address}` :
      address.split("/").map(encodeURIComponent).join("/");
}

function face(row, id = row.picture) {
  const box = make("div", {className: "face", tone: row.outcome});
  if (id !== null && id !== undefined && id >= 0) {
    box.append(make("img", {src: sourceOf(id), alt: "", loading: "lazy", decoding: "async"}));
  } else if (row.outcome === "available" || row.outcome === "unchanged") {
    const letters = row.title.match(/\p{L}/gu);
    box.append(letters ? letters[0].toUpperCase() : "•");
  } else {
    box.append(make("small", {}, OUTCOMES[row.outcome]));
  }
  return box;
}

// The picture before the current one, or whether there was one.
function faceBefore(row) {
  if (data.before[row.index] !== undefined) return face(row, data.before[row.index]);
  const tone = row.get("previous_id") ? "available" : "not_set";
  return make("div", {className: "face", tone}, make("small", {}, OUTCOMES[tone]));
}

// ---- the summary

function countBy(value) {
  const counts = new Map();
  for (const row of rows) {
    const of = value(row);
    if (of) counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return counts;
}
const outcomes = countBy((row) => row.outcome);
const share = (n) => {
  const percent = 100 * n / rows.length;
  return percent > 0 && percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
};

function showSummary() {
  const bar = make("div", {className: "bar", role: "img"});
  const legend = make("ul", {className: "legend"});
  const said = [];
  for (const [outcome, name] of Object.entries(OUTCOMES)) {
    const n = outcomes.get(outcome);
    if (!n) continue;
    said.push(`${name}: ${count(n)}`);
    const part = make("span", {title: `${name}: ${count(n)}`});
    part.style.flexGrow = n;
    part.style.background = `var(--${outcome})`;
    bar.append(part);
    legend.append(make("li", {}, make("i", {className: "dot", tone: outcome}), name,
        make("b", {className: "number"}, count(n)),
        make("span", {className: "share soft number"}, share(n))));
  }
  bar.setAttribute("aria-label", said.join(", "));
  byId("chart").append(bar, legend);
}

// ---- lists of changes, groups and failures

// Shows the first of `items` and a button for the rest; prints all that is shown.
function showSome(box, more, items, show) {
  let shown = 0;
  const next = (upTo) => {
    const end = Math.min(upTo, items.length);
    for (; shown < end; ++shown) box.append(show(items[shown]));
    more.parentElement.hidden = shown === items.length;
    more.textContent = `Show ${count(Math.min(100, items.length - shown))} more of ` +
        count(items.length - shown);
  };
  more.onclick = () => next(shown + 100);
  next(LISTED_AT_FIRST);
}

function day(time) {
  return time.replace("T", " ").replace(/:\d\dZ$/, " UTC");
}

function showChanges() {
  const changed = rows.filter((row) => row.changed)
      .sort((a, b) => b.get("changed").localeCompare(a.get("changed")));
  byId("changes").hidden = changed.length === 0;
  if (changed.length === 0) return;
  byId("changes-count").textContent =
      `${plural(changed.length, "contact has", "contacts have")} another picture than before.`;
  showSome(byId("pairs"), byId("more-changes"), changed, (row) => make("div", {className: "pair"},
      faceBefore(row), make("span", {className: "arrow", ariaLabel: "then"}, "→"),
      face(row),
      make("div", {className: "text"},
          make("button", {className: "plain", onclick: () => showOne(row)}, row.title),
          make("div", {className: "soft"}, row.contact),
          make("div", {}, day(row.get("changed"))))));
}

function showGroups() {
  byId("lookalikes").hidden = data.groups.length === 0;
  if (data.groups.length === 0) return;
  const contacts = data.groups.reduce((sum, group) => sum + group.rows.length, 0);
  byId("groups-count").textContent =
      `${plural(data.groups.length, "picture is", "pictures are")} shared by ` +
      `${plural(contacts, "contact", "contacts")}.`;
  showSome(byId("groups"), byId("more-groups"), data.groups, (group) => {
    const list = make("ul");
    for (const index of group.rows.slice(0, LISTED_AT_FIRST)) {
      const row = rows[index];
      list.append(make("li", {}, make("button", {className: "plain", onclick: () => showOne(row)}, row.title),
          " ", make("span", {className: "soft"}, row.contact)));
    }
    const rest = group.rows.length - LISTED_AT_FIRST;
    if (rest > 0) list.append(make("li", {className: "soft"}, `and ${count(rest)} more`));
    const at = data.groups.indexOf(group);
    return make("div", {className: "group"}, face(rows[group.rows[0]]),
        make("div", {}, make("strong", {}, `The same picture at ${count(group.rows.length)} contacts`),
            group.look ? make("span", {className: "soft"}, ` · ${group.look}`) : "",
            make("div", {className: "screen"}, make("button", {className: "plain",
              onclick: () => { choose({group: at}); byId("contacts").scrollIntoView(); }},
                "Show them in the contact sheet")), list));
  });
}

function showFailures() {
  const reasons = new Map();
  for (const row of rows) {
    if (row.outcome !== "error") continue;
    const reason = row.get("error") || "UNKNOWN";
    const known = reasons.get(reason) ?? {rows: 0, message: "", wait: Infinity};
    known.rows += 1;
    known.message ||= row.get("error_message");
    const wait = row.get("retry_after");
    if (wait !== "") known.wait = Math.min(known.wait, Number(wait));
    reasons.set(reason, known);
  }
  byId("failures").hidden = reasons.size === 0;
  for (const [reason, known] of [...reasons].sort((a, b) => b[1].rows - a[1].rows)) {
    const again = known.wait === Infinity ? "Asking again will not help" :
        known.wait === 0 ? "Ask again at any time" : `Ask again after ${count(known.wait)} s`;
    byId("reasons").append(make("tr", {},
        make("td", {className: "number"}, count(known.rows)),
        make("td", {}, make("button", {className: "plain",
          onclick: () => { choose({reason}); byId("contacts").scrollIntoView(); }}, reason)),
        make("td", {}, known.message), make("td", {className: "soft"}, again)));
  }
}

// ---- the contact sheet: only cards near the window are in the page

const filter = {outcome: "", reason: "", group: -1, changed: false, shared: false, text: ""};
let found = rows;
let printing = false;
const space = byId("space");
const cards = new Map();

function choose(change) {
  Object.assign(filter, {outcome: "", reason: "", group: -1, changed: false, shared: false, text: ""}, change);
  byId("search").value = filter.text;
  find();
}

function matches(row, words) {
  if (filter.outcome && row.outcome !== filter.outcome) return false;
  if (filter.reason && (row.get("error") || "UNKNOWN") !== filter.reason) return false;
  if (filter.group >= 0 && groupOf.get(row.index) !== filter.group) return false;
  if (filter.changed && !row.changed) return false;
  if (filter.shared && !groupOf.has(row.index)) return false;
  return words.every((word) => row.searched.includes(word));
}

const ORDERS = {
  list: (a, b) => a.index - b.index,
  name: (a, b) => a.title.localeCompare(b.title) || a.index - b.index,
  changed: (a, b) => b.get("changed").localeCompare(a.get("changed")) || a.index - b.index,
};

function find() {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  found = rows.filter((row) => matches(row, words));
  if (byId("order").value !== "list") found.sort(ORDERS[byId("order").value]);
  byId("found").textContent = found.length === rows.length ?
      plural(rows.length, "contact", "contacts") :
      `${count(found.length)} of ${plural(rows.length, "contact", "contacts")}`;
  byId("nothing").hidden = found.length > 0;
  showChips();
  for (const card of cards.values()) card.remove();
  cards.clear();
  layOut();
}

function showChips() {
  const chips = [["All", rows.length, !filter.outcome && !filter.reason && filter.group < 0 &&
                  !filter.changed && !filter.shared, {}]];
  for (const [outcome, name] of Object.entries(OUTCOMES)) {
    if (outcomes.has(outcome)) {
      chips.push([name, outcomes.get(outcome), filter.outcome === outcome, {outcome}, outcome]);
    }
  }
  const changed = rows.reduce((n, row) => n + (row.changed ? 1 : 0), 0);
  if (changed) chips.push(["Changed", changed, filter.changed, {changed: true}]);
  if (groupOf.size) chips.push(["Shared picture", groupOf.size, filter.shared, {shared: true}]);
  if (filter.reason) chips.push([filter.reason, found.length, true, {}]);
  if (filter.group >= 0) chips.push(["One picture", found.length, true, {}]);
  byId("chips").replaceChildren(...chips.map(([name, n, on, change, tone]) =>
    make("button", {className: "chip", "aria-pressed": String(on),
      onclick: () => choose({...change, text: filter.text})},
        tone ? make("i", {className: "dot", tone}) : "", name,
        make("span", {className: "soft number"}, count(n)))));
}

function makeCard(row) {
  return make("button", {className: "card", type: "button", onclick: () => showOne(row)}, face(row),
      make("div", {className: "about"}, make("strong", {title: row.title}, row.title),
          make("span", {}, row.contact === row.title ? "" : row.contact),
          make("span", {className: "state", tone: row.outcome}, OUTCOMES[row.outcome] +
              (groupOf.has(row.index) ? `, same at ${count(data.groups[groupOf.get(row.index)].rows.length)}` : ""))));
}

function layOut() {
  if (printing) return;
  const width = space.clientWidth;
  const columns = Math.max(2, Math.floor((width + GAP) / (150 + GAP)));
  const side = Math.floor((width - GAP * (columns - 1)) / columns);
  const height = side + 66;
  const step = height + GAP;
  space.style.height = `${Math.max(0, Math.ceil(found.length / columns) * step - GAP)}px`;
  const top = -space.getBoundingClientRect().top;
  const first = Math.max(0, (Math.floor(top / step) - SPARE_ROWS) * columns);
  const end = Math.min(found.length, (Math.ceil((top + innerHeight) / step) + SPARE_ROWS) * columns);
  for (const [at, card] of cards) {
    if (at < first || at >= end) { card.remove(); cards.delete(at); }
  }
  for (let at = first; at < end; ++at) {
    let card = cards.get(at);
    if (card === undefined) {
      card = makeCard(found[at]);
      cards.set(at, card);
      // In the order of the list, so that the Tab key follows it.
      space.insertBefore(card, cards.get(at + 1) ?? null);
    }
    card.style.width = `${side}px`;
    card.style.height = `${height}px`;
    card.style.transform =
        `translate(${(at % columns) * (side + GAP)}px, ${Math.floor(at / columns) * step}px)`;
  }
}

// ---- one contact

function showOne(row) {
  const list = make("dl");
  const put = (name, value) => { if (value) list.append(make("dt", {}, name), make("dd", {}, value)); };
  put("Outcome", OUTCOMES[row.outcome]);
  data.columns.forEach((name, at) => put(name, row.values[at]));
  const before = data.before[row.index];
  const at = groupOf.get(row.index);
  byId("one").replaceChildren(make("div", {className: "sheet"},
      make("div", {className: "top"}, face(row), before === undefined ? "" : face(row, before),
          make("div", {}, make("h2", {}, row.title), make("div", {className: "soft"}, row.contact),
              before === undefined ? "" : make("p", {className: "soft"}, "Now, and before."),
              at === undefined ? "" : make("button", {className: "plain", onclick: () => {
                byId("one").close(); choose({group: at}); byId("contacts").scrollIntoView();
              }}, `The same picture at ${count(data.groups[at].rows.length)} contacts`)),
          make("button", {className: "chip close", onclick: () => byId("one").close()}, "Close")),
      list));
  byId("one").showModal();
}

byId("one").addEventListener("click", (event) => {
  if (event.target === byId("one")) byId("one").close();
});
let typed = 0;
byId("search").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(() => { filter.text = byId("search").value; find(); }, 120);
});
byId("order").addEventListener("change", find);
addEventListener("scroll", () => requestAnimationFrame(layOut), {passive: true});
addEventListener("resize", () => requestAnimationFrame(layOut));
addEventListener("beforeprint", () => {
  printing = true;
  space.replaceChildren(...found.slice(0, PRINTED_CARDS).map(makeCard));
  for (const image of space.querySelectorAll("img")) image.loading = "eager";
  byId("printed").hidden = found.length <= PRINTED_CARDS;
  byId("printed").textContent = `· printed: the first ${count(PRINTED_CARDS)}`;
});
addEventListener("afterprint", () => {
  printing = false;
  byId("printed").hidden = true;
  space.replaceChildren();
  cards.clear();
  layOut();
});

byId("made").textContent = `${data.source} · ${plural(rows.length, "contact", "contacts")} · made ${day(data.made)}`;
showSummary();
showChanges();
showGroups();
showFailures();
for (const link of document.querySelectorAll("nav a")) {
  link.hidden = byId(link.hash.slice(1)).hidden;
}
find();
