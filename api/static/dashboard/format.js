/** How times, amounts and ids are written. Times are in the viewer's zone, with UTC where one points at them. */

const clock = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false});
const day = new Intl.DateTimeFormat(undefined, {day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false});

const minute = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", hour12: false});

export const atTime = (text) => clock.format(new Date(text));
export const atDay = (text) => day.format(new Date(text));
export const inUtc = (text) => `${new Date(text).toISOString().replace("T", " ").slice(0, 19)} UTC`;

/** Seconds as people say them: 4 s, 3 min, 2 h 10 min, 5 d. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d`;
}

export const since = (text, now) => span((now - Date.parse(text)) / 1000);

/** The time at which something began, to the minute: "14:05". */
export const atMinute = (ms) => minute.format(new Date(ms));

/** What is left of a time, as a countdown tells it: 0:42, 12:05, 3 h 10 min. */
export function countdown(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 3600 ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}` : span(whole);
}

/** Between two moments, as exactly as it is of use: 80 ms, 1.4 s, 12 min. */
export function took(fromText, toText) {
  const ms = Math.max(0, Date.parse(toText) - Date.parse(fromText));
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms / 1000);
}

/**
 * An amount of a case. It is text and stays text: grouped here digit by digit, and never made a number. It has at least the
 * places that its currency has (ISO 4217): none of yen, two of dollars. What is no amount is shown as what it is.
 */
export function money(amount, currency = "") {
  if (amount == null) return "";
  if (typeof amount !== "string" || !/^-?[0-9]+(\.[0-9]+)?$/.test(amount)) return visible(plain(amount)).slice(0, 40);
  const [whole, cents = ""] = amount.replace("-", "").split(".");
  const isCurrency = /^[A-Z]{3}$/.test(currency);
  const padded = cents.padEnd(isCurrency ? placesOf(currency) : 0, "0");
  const grouped = whole.replace(/\B(?=([0-9]{3})+$)/g, "\u202f");
  return `${amount.startsWith("-") ? "\u2212" : ""}${grouped}${padded ? `.${padded}` : ""}${isCurrency ? `\u00a0${currency}` : ""}`;
}

const placesOf = (currency) => new Intl.NumberFormat("en", {style: "currency", currency}).resolvedOptions().maximumFractionDigits;

export const amountOf = (payload) => money(payload?.amount ?? payload?.notional, payload?.currency ?? "");

/** Any value of a fact or a payload, as text. */
export const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));

// Controls, what turns the direction of text, what has no width, and spaces that are none: a reader cannot see them otherwise.
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Text with everything in it that cannot be seen written out: what somebody typed to hide or to turn something shows itself. */
export const visible = (text) => String(text ?? "").replace(UNSEEN, (one) => `\u27e8U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`);

/** The end of an id: ids begin with the time, so beginnings look alike. */
export const shortId = (id) => id.slice(-8);

export const words = (text) => visible(text).replaceAll(/[_-]/g, " ");

/** What colour an outcome or a state has. */
export function tone(word) {
  if (/^(executed|approved?|completed|recommended|onboarded|cleared|done|paid|live|active|decided|found|stored)$/.test(word)) return "good";
  if (/^(reject(ed)?|failed|unpaid|timed_out|incident|suspended|unsuitable|confirmed.*|exhausted)$/.test(word)) return "bad";
  if (/^(refer|unknown|void|review|overdue|withdrawn|expired|revoked|terminated)$/.test(word)) return "warn";
  if (/^(claimed|dispatching|authorized)$/.test(word)) return "busy";
  return "";
}
