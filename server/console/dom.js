// Makes elements. Text always becomes text nodes: the page never parses HTML,
// and its Content-Security-Policy refuses to.

const SVG = "http://www.w3.org/2000/svg";

function set(element, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
  } else if (name === "style") {
    for (const [key, one] of Object.entries(value)) {
      element.style.setProperty(key, one);
    }
  } else if (["value", "checked", "disabled", "open", "selected"].includes(name)) {
    element[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    set(element, name, value);
  }
  element.append(...children.flat(Infinity)
    .filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

/** An HTML element: h("p", {class: "note", onclick: f}, "text", child). */
export const h = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/** Replaces all children. */
export function show(element, ...children) {
  element.replaceChildren();
  return fill(element, {}, children);
}

/** Shows what went wrong in `element`; "" for nothing. */
export const showTrouble = (element, text) =>
  show(element, text && h("p", { class: "banner bad" }, text));

/** A control of a form with its label and what belongs to it. */
export const field = (label, control, ...more) =>
  h("div", { class: "field" }, h("label", { for: control.id }, label), control, ...more);

/**
 * Makes the children of `container` follow `items`, and keeps the element of an
 * item that stays, with its focus. `make(item)` returns {element, update(item)}.
 */
export function keyedList(container, keyOf, make) {
  let known = new Map();
  return (items) => {
    const next = new Map();
    for (const item of items) {
      const entry = known.get(keyOf(item)) ?? make(item);
      entry.update?.(item);
      next.set(keyOf(item), entry);
    }
    for (const [key, entry] of known) {
      if (!next.has(key)) entry.element.remove();
    }
    let place = container.firstElementChild;
    for (const { element } of next.values()) {
      if (element === place) {
        place = place.nextElementSibling;
      } else {
        container.insertBefore(element, place);
      }
    }
    known = next;
  };
}

/**
 * Runs `work` unless the button is busy already. The button is not disabled
 * meanwhile: that would take the focus from people without a mouse.
 */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

let ids = 0;
/** An id that no other element has. */
export const newId = (prefix) => `${prefix}-${++ids}`;

const ICONS = {
  accounts: "M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zm3 17h2",
  lookup: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm5 12 5 5",
  bulk: "M4 5h16M4 10h16M4 15h10M4 20h7m8-5v6m-3-3 3 3 3-3",
  changes: "M3 12a9 9 0 0 1 15-6.7L21 8m0-5v5h-5m5 4a9 9 0 0 1-15 6.7L3 16m0 5v-5h5",
  tenants: "M15 7a4 4 0 1 1-1.2 2.9L6 18H3v-3l7.8-7.8M5 16l2 2M15.5 7.5h.01",
  usage: "M4 20V10m6 10V4m6 16v-7m5 7H2",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21a8 7 0 0 1 16 0",
  upload: "M12 16V4m-5 5 5-5 5 5M4 16v4h16v-4",
  close: "M5 5l14 14M19 5 5 19",
  arrow: "M4 12h15m-6-6 6 6-6 6",
  check: "M4 12.5 9.5 18 20 6.5",
  out: "M10 4H5v16h5m5-4 4-4-4-4m4 4H9",
};

/** A drawing that says nothing of its own to screen readers. */
export function icon(name) {
  return s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", { d: ICONS[name] }));
}
