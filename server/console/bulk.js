// Bulk: drop a list, choose its column, watch the outcomes come in, download.
import { bulk, discardRun, paceOfRun, pauseRun, resumeRun, retryFailed, startRun } from "./bulk_run.js";
import { downloadResults } from "./bulk_download.js";
import { guessColumn, guessCountryColumn, hasHeader, parseCsv, textOf } from "./csv.js";
import { confirmDialog } from "./dialog.js";
import { field, h, icon, newId, show, showTrouble } from "./dom.js";
import { pictureFrame } from "./picture.js";
import { OUTCOMES, count, duration, number, phoneOf, rate, readable, stranger } from "./words.js";

const SAMPLE_ROWS = 200;
const PREVIEW_ROWS = 4;

export function openBulk({ token }) {
  const content = h("div", { class: "page" });
  const state = { stop: () => {}, step: "" };

  const enter = (step, make) => {
    state.stop();
    state.step = step;
    const { element, stop } = make();
    state.stop = stop ?? (() => {});
    show(content, element);
  };
  const choose = () => enter("choose", () => chooser((list) => enter("map", () => mapper(list, token, choose))));

  const unfollow = bulk.follow(() => {
    if (bulk.run && state.step !== "run") enter("run", runView);
    else if (!bulk.run && (state.step === "run" || state.step === "")) choose();
  });
  return {
    element: h("div", { class: "page" }, h("h1", {}, "Bulk"), content),
    stop: () => { unfollow(); state.stop(); },
  };
}

// ---- 1. a list

function chooser(chosen) {
  const alert = h("div", { role: "alert" });
  const file = h("input", { type: "file", class: "hidden-text", tabindex: "-1", "aria-label": "List, CSV",
    accept: ".csv,.tsv,.txt,text/csv,text/plain", onchange: () => file.files[0] && take(file.files[0]) });
  const id = newId("numbers");
  const pasted = h("textarea", { id, spellcheck: "false", placeholder: "+13105551234\n+49 1512 3456789" });

  async function take(source) {
    show(alert);
    try {
      const text = typeof source === "string" ? source : await textOf(source);
      const rows = parseCsv(text.replace(/^\ufeff/, ""));
      if (rows.length === 0) throw new Error("The list is empty.");
      chosen({ name: typeof source === "string" ? "pasted numbers" : source.name, rows });
    } catch (error) {
      showTrouble(alert, error.message);
      file.value = "";
    }
  }

  const zone = h("div", { class: "card drop", ondragover: (e) => {
    e.preventDefault();
    zone.classList.add("over");
  }, ondragleave: () => zone.classList.remove("over"), ondrop: (e) => {
    e.preventDefault();
    zone.classList.remove("over");
    if (e.dataTransfer.files[0]) take(e.dataTransfer.files[0]);
  } },
  icon("upload"), h("h2", {}, "Drop a CSV file here"),
  h("p", { class: "quiet" }, "A list exported from any program: one contact per row, with a header or without. "
    + "It stays in this browser; only the numbers are sent to portraitd."),
  h("button", { type: "button", class: "primary", onclick: () => file.click() }, "Choose a file"), file);

  return { element: h("div", { class: "page" }, alert, zone,
    h("form", { class: "card", onsubmit: (e) => { e.preventDefault(); take(pasted.value); } },
      field("Or paste numbers, one per line", pasted),
      h("div", {}, h("button", {}, "Use these")))) };
}

// ---- 2. its columns

function mapper({ name, rows }, token, back) {
  const ids = { column: newId("column"), countries: newId("countries"), country: newId("country"),
    size: newId("size") };
  const named = hasHeader(rows);
  const width = Math.max(...rows.slice(0, SAMPLE_ROWS).map((r) => r.length));
  const header = Array.from({ length: width }, (_, i) => (named && rows[0][i]) || `Column ${i + 1}`);
  const data = named ? rows.slice(1) : rows;
  const sample = data.slice(0, SAMPLE_ROWS);
  const guess = guessColumn(named ? header : header.map(() => ""), sample);

  const options = header.map((text, i) => h("option", { value: i }, readable(text, 40)));
  const column = h("select", { id: ids.column, required: true, onchange: () => mark() },
    h("option", { value: "" }, "Choose…"), options);
  const countries = h("select", { id: ids.countries, onchange: () => mark() }, h("option", { value: -1 }, "None"),
    options.map((o) => o.cloneNode(true)));
  const country = h("input", { id: ids.country, maxlength: 2, pattern: "[A-Za-z]{2}", class: "short",
    placeholder: "US", autocomplete: "off" });
  const size = h("select", { id: ids.size },
    h("option", { value: "both" }, "Full and preview pictures"),
    h("option", { value: "none" }, "No pictures: fewest queries"));
  const fresh = h("input", { type: "checkbox" });
  column.value = guess < 0 ? "" : guess;
  countries.value = guessCountryColumn(header, sample);

  const table = h("table", { class: "sample" },
    h("thead", {}, h("tr", {}, header.map((text) => h("th", { scope: "col" }, stranger(text, 40))))),
    h("tbody", {}, data.slice(0, PREVIEW_ROWS).map((row) =>
      h("tr", {}, header.map((_, i) => h("td", {}, stranger(row[i], 40)))))));
  function mark() {
    for (const row of table.rows) {
      [...row.cells].forEach((cell, i) => {
        cell.classList.toggle("chosen", `${i}` === column.value);
        cell.classList.toggle("chosen-too", `${i}` === countries.value);
      });
    }
  }
  mark();

  const alert = h("div", { role: "alert" });
  const go = async (event) => {
    event.preventDefault();
    try {
      await startRun({ name, tenant: token.tenant, header, column: Number(column.value),
        countryColumn: Number(countries.value), country: country.value.toUpperCase(), size: size.value,
        fresh: fresh.checked, startedAt: Date.now() }, data);
    } catch (error) {
      showTrouble(alert, `The browser cannot keep the list: ${error.message}`);
    }
  };
  return { element: h("form", { class: "card", onsubmit: go },
    h("div", {}, h("h2", {}, stranger(name, 60)), h("p", { class: "quiet" }, `${count(data.length, "row")}.`)),
    h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "The first rows" }, table),
    h("div", { class: "fields" },
      field("Column with the contacts", column),
      field("Column with countries", countries),
      field("Country of other numbers", country),
      field("Pictures", size)),
    h("label", { class: "choice" }, fresh, "Ask WhatsApp about each contact, even if the stored answer is recent"),
    alert,
    h("div", { class: "row" },
      h("button", { class: "primary" }, `Look up ${count(data.length, "contact")}`),
      h("button", { type: "button", onclick: back }, "Another list"))) };
}

// ---- 3. the results

function runView() {
  const title = h("h2", {});
  const status = h("p", { class: "quiet", role: "status" });
  const figures = h("p", { class: "progress-line number" });
  const bar = h("div", { class: "stack", role: "progressbar", "aria-label": "Contacts with an answer",
    "aria-valuemin": "0" });
  const legend = h("ul", { class: "outcomes" });
  const alert = h("div", {});
  const actions = h("div", { class: "row" });
  const sheet = h("ul", { class: "sheet" });
  const sheetCard = h("section", { class: "card" }, h("h2", {}, "Pictures"), sheet);
  const parts = Object.fromEntries(Object.keys(OUTCOMES).map((key) => [key,
    h("i", { style: { background: `var(--c-${key})` } })]));
  bar.append(...Object.values(parts));
  let shownState = "", shownRows = new Set();

  function drawActions() {
    const { run } = bulk;
    const isDone = run.state === "done";
    const key = `${run.state} ${bulk.retryable > 0} ${bulk.otherTab}`;
    if (key === shownState) return;
    shownState = key;
    const hadFocus = actions.contains(document.activeElement);
    show(actions,
      run.state === "running" && !bulk.otherTab && h("button", { type: "button", onclick: pauseRun }, "Pause"),
      run.state === "paused" && h("button", { type: "button", class: "primary", onclick: resumeRun }, "Go on"),
      h("button", { type: "button", class: isDone ? "primary" : "", onclick: downloadResults },
        isDone ? "Download CSV" : "Download CSV so far"),
      isDone && bulk.retryable > 0
        && h("button", { type: "button", onclick: retryFailed }, "Ask again where it failed"),
      h("button", { type: "button", class: "danger", onclick: () => confirmDialog({
        title: "Delete this list from the browser?",
        text: "The list and its results are deleted from this browser. Download them first if you need them.",
        yes: "Delete", act: discardRun }) }, isDone ? "New list" : "Stop and delete"));
    if (hadFocus) actions.querySelector("button")?.focus();
  }

  function draw() {
    const { run } = bulk;
    if (!run) return;
    show(title, stranger(run.name, 60));
    const words = bulk.otherTab ? "Another tab works on this list."
      : { running: "Looking up…", paused: "Paused.", done: "Done." }[run.state];
    if (status.textContent !== words) status.textContent = words;
    const { perSecond, seconds } = paceOfRun();
    figures.textContent = `${number(bulk.done)} of ${count(run.rows, "contact")}`
      + (run.state === "running" && perSecond > 0 ? ` · ${rate(perSecond)} per second` : "")
      + (run.state === "running" && seconds ? ` · ${duration(seconds)} left` : "");
    bar.setAttribute("aria-valuemax", run.rows);
    bar.setAttribute("aria-valuenow", bulk.done);
    for (const [key, part] of Object.entries(parts)) {
      part.style.width = `${(100 * (bulk.counts[key] ?? 0)) / Math.max(1, run.rows)}%`;
    }
    show(legend, Object.entries(OUTCOMES).filter(([key]) => bulk.counts[key]).map(([key, text]) =>
      h("li", {}, h("i", { style: { background: `var(--c-${key})` } }), `${text} `,
        h("strong", { class: "number" }, number(bulk.counts[key])))));
    show(alert, bulk.trouble && h("p", { class: "banner warn" },
      run.state === "paused" ? `Stopped: ${bulk.trouble}` : `Trying again: ${bulk.trouble}`));
    drawActions();
    drawSheet();
  }

  function drawSheet() {
    sheetCard.hidden = bulk.run.size === "none" || bulk.sheet.length === 0;
    const rows = new Set(bulk.sheet.map((entry) => entry.row));
    for (const old of [...sheet.children]) {
      if (!rows.has(Number(old.dataset.row))) old.remove();
    }
    for (const { row, picture } of bulk.sheet) {
      if (shownRows.has(row)) continue;
      const who = picture.name || phoneOf(picture);
      const item = h("li", { "data-row": row }, pictureFrame({ url: picture.previewUrl || picture.url,
        expires: picture.urlExpireTime, alt: `Picture of ${readable(who, 60)}` }),
      h("span", { class: "small" }, stranger(who, 40)));
      sheet.prepend(item);
    }
    shownRows = rows;
  }

  const unfollow = bulk.follow(draw);
  const timer = setInterval(draw, 1000);
  return {
    element: h("div", { class: "page" },
      h("section", { class: "card" }, h("div", { class: "row spread" }, title, status),
        figures, bar, legend, alert, actions),
      sheetCard),
    stop: () => { unfollow(); clearInterval(timer); },
  };
}
