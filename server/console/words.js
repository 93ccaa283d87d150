// What the page says: plain English for the contract's values, and texts of
// strangers made harmless to read.
import { h } from "./dom.js";

const NUMBER = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const number = (n) => NUMBER.format(Number(n ?? 0));
export const rate = (n) => SHORT.format(n);
export const date = (time) => DATE.format(new Date(time));
export const day = (time) => DAY.format(new Date(time));
export const clock = (time) => CLOCK.format(new Date(time));
/** "1 account", "3 accounts". */
export const count = (n, noun) =>
  `${number(n)} ${Number(n) === 1 ? noun : noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;

const SPANS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30],
  ["month", 12], ["year", Infinity]];

/** "5 minutes ago", "in 2 days". */
export function relative(time, now = Date.now()) {
  let span = (new Date(time) - now) / 1000;
  for (const [unit, size] of SPANS) {
    if (Math.abs(span) < size) return RELATIVE.format(Math.round(span), unit);
    span /= size;
  }
}

/** "2 h 5 min", "40 s". */
export function duration(seconds) {
  const s = Math.max(0, Math.ceil(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 48 * 3600) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
  return `${Math.round(s / 86400)} days`;
}

/** A <time> that shows the relative time, and the date when hovered. */
export const when = (time) =>
  h("time", { datetime: time, title: date(time) }, relative(time));

// ---- texts of strangers

const LONGEST = 120;  // characters of a name that are shown
// Control characters, and characters that change the direction of other text.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text on one line of at most LONGEST characters; nothing in it acts. */
export function readable(text, longest = LONGEST) {
  const symbols = Array.from(String(text ?? "").slice(0, 4 * longest));
  const cut = symbols.length > longest ? `${symbols.slice(0, longest).join("")}…`
    : symbols.join("");
  return cut.replace(CONTROLS, "\ufffd");
}

/** A stranger's text, whose direction does not leak into the text around it. */
export const stranger = (text, longest) =>
  h("bdi", { class: "stranger" }, readable(text, longest));

// ---- values of the contract

/** "PICTURE_STATE_NOT_SET" → "NOT_SET". */
export const short = (value, prefix) => String(value ?? "").replace(prefix, "");

const SESSION_STATES = {
  READY: ["Ready", "good"],
  CONNECTING: ["Connecting", "busy"],
  THROTTLED: ["Slowed down by WhatsApp", "warn"],
  PAUSED: ["Paused", "idle"],
  LOGGED_OUT: ["Logged out on the phone", "bad"],
  BANNED: ["Refused by WhatsApp", "bad"],
  OUTDATED: ["Version refused by WhatsApp", "bad"],
};
export const sessionState = (session) =>
  SESSION_STATES[short(session.state, "SESSION_STATE_")] ?? ["Unknown", "idle"];

/** The outcomes of a lookup: [key, words, plural]. */
export const OUTCOMES = {
  available: "Picture",
  unchanged: "Unchanged",
  hidden: "Hidden",
  not_set: "No picture",
  not_registered: "Not on WhatsApp",
  error: "Failed",
};
export function outcomeOf(result) {
  if (result.error) return "error";
  const picture = result.profilePicture ?? {};
  if (picture.registration === "REGISTRATION_NOT_REGISTERED") return "not_registered";
  const state = short(picture.state, "PICTURE_STATE_").toLowerCase();
  return state in OUTCOMES ? state : "not_set";
}
export const OUTCOME_SENTENCES = {
  available: "The picture is visible.",
  unchanged: "The picture has not changed.",
  hidden: "The contact hides the picture from this account.",
  not_set: "The contact has no picture.",
  not_registered: "This number is not on WhatsApp.",
};

export const CHANGE_KINDS = {
  FIRST_SEEN: "First picture seen",
  REPLACED: "New picture",
  ADDED: "Picture added",
  REMOVED: "Picture removed",
  HIDDEN: "Picture hidden",
  UNHIDDEN: "Picture shown again",
  REGISTERED: "Joined WhatsApp",
  UNREGISTERED: "Left WhatsApp",
};
export const changeKind = (change) => short(change.kind, "CHANGE_KIND_");

export const RIGHTS = {
  LOOKUP: "Look up contacts",
  HISTORY: "See its contacts' history",
  WATCH: "Follow its contacts' changes",
  WATCH_ALL: "Follow all tenants' changes",
  IMAGES: "Download pictures",
  LIKENESS: "Compare pictures",
  FORGET: "Forget a contact",
  OBJECT: "Record a contact's objection",
  PIN_SESSION: "Choose the WhatsApp account",
  ADMIN: "Manage the server: everything",
};

const REASONS = {
  INVALID_CONTACT: "Not a phone number or WhatsApp address",
  SUPPRESSED: "The contact has objected to lookups",
  QUOTA_EXCEEDED: "The monthly quota is used up",
  RATE_LIMITED: "Too many lookups at the moment",
  NO_SESSION: "No WhatsApp account is ready",
  UPSTREAM_TIMEOUT: "WhatsApp did not answer in time",
  UPSTREAM_ERROR: "WhatsApp answered with an error",
  ENUMERATION: "The list looks like an enumerated number range",
  OWN_NUMBER: "The number of one of the linked accounts",
  STORAGE: "The store could not be read or written",
};
export const reasonWords = (reason) =>
  REASONS[short(reason, "ERROR_REASON_")] ?? "The lookup failed";

export const phoneOf = (thing) =>
  thing.phoneNumber || `${thing.jid ?? ""}`.replace(/(:\d+)?@(s\.whatsapp\.net|c\.us)$/, "")
    .replace(/^(\d+)$/, "+$1");
