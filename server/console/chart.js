// Small charts as SVG. Each has a sentence for those who do not see it.
import { h, s } from "./dom.js";
import { number } from "./words.js";

/**
 * A line of `rates` and bars of `failures` below it, both one number for each
 * step of time.
 */
export function sparkline({ rates, failures, label }) {
  const width = 300, height = 46, floor = height - 2;
  const top = Math.max(1, ...rates);
  const mostFailures = Math.max(1, ...failures);
  const x = (i) => (rates.length < 2 ? 0 : (i / (rates.length - 1)) * width);
  const points = rates.map((r, i) => `${x(i).toFixed(1)} ${(floor - (r / top) * (floor - 4)).toFixed(1)}`);
  return s("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": label, preserveAspectRatio: "none" },
  s("path", { class: "spark-floor", d: `M0 ${floor}H${width}` }),
  points.length > 1 && s("path", { class: "spark-area",
    d: `M0 ${floor}L${points.join("L")}L${width} ${floor}z` }),
  points.length > 1 && s("path", { class: "spark-line", d: `M${points.join("L")}` }),
  failures.map((f, i) => f > 0 && s("rect", { class: "spark-failure",
    x: Math.min(width - 4, Math.max(0, x(i) - 2)).toFixed(1), width: 4,
    y: (floor - 6 - (f / mostFailures) * 14).toFixed(1),
    height: (6 + (f / mostFailures) * 14).toFixed(1) })));
}

/**
 * Bars of one or more stacked parts: `columns` are {label, parts: [number]},
 * `series` are {name, colour}. With a table of the same numbers.
 */
export function barChart({ columns, series, title }) {
  const width = 640, height = 190, left = 52, foot = 26, bars = height - foot - 8;
  const total = (column) => column.parts.reduce((a, b) => a + b, 0);
  const top = niceTop(Math.max(10, ...columns.map(total)));
  const step = (width - left) / columns.length;
  const y = (value) => 8 + bars - (value / top) * bars;
  const lines = [0, top / 2, top].map((value) => [
    s("path", { class: "grid", d: `M${left} ${y(value)}H${width}` }),
    s("text", { class: "axis", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, brief(value))]);
  const drawn = columns.map((column, i) => {
    let below = 0;
    const middle = left + step * (i + 0.5);
    return [
      column.parts.map((part, at) => {
        if (part === 0) return null;
        const rect = s("rect", { x: middle - step * 0.31, width: step * 0.62, y: y(below + part),
          height: Math.max(1.5, y(below) - y(below + part)), fill: `var(${series[at].colour})` },
        s("title", {}, `${column.label}: ${number(part)} ${series[at].name}`));
        below += part;
        return rect;
      }),
      s("text", { class: "axis", x: middle, y: height - 8, "text-anchor": "middle" }, column.label)];
  });
  return h("figure", { class: "chart" },
    h("div", { class: "legend" }, series.map((one) =>
      h("span", {}, h("i", { style: { background: `var(${one.colour})` } }), one.name))),
    h("div", { class: "chart-scroll", tabindex: "0", role: "group", "aria-label": "Chart" },
      s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title }, lines, drawn)),
    h("details", {}, h("summary", {}, "The numbers"),
      h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": title },
        h("table", {},
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Month"),
            series.map((one) => h("th", { scope: "col", class: "right" }, one.name)))),
          h("tbody", {}, columns.map((column) => h("tr", {},
            h("th", { scope: "row" }, column.name ?? column.label),
            column.parts.map((part) => h("td", { class: "right number" }, number(part))))))))));
}

// The next of 1, 2, 5, 10, …
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((f) => f * power).find((n) => n >= value);
}

function brief(value) {
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (value >= size) return `${value / size}${unit}`;
  }
  return `${value}`;
}
