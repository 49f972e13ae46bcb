/** How times, amounts and ids are written. Times are in the viewer's zone, with UTC where one points at them. */

const clock = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false});
const day = new Intl.DateTimeFormat(undefined, {day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false});

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

/** An amount of a case. It is text and stays text: grouped here digit by digit, and never made a number. */
export function money(amount, currency = "") {
  if (typeof amount !== "string" || !/^-?[0-9]+(\.[0-9]+)?$/.test(amount)) return amount == null ? "" : String(amount);
  const [whole, cents] = amount.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=([0-9]{3})+$)/g, "\u202f");
  return `${amount.startsWith("-") ? "\u2212" : ""}${grouped}${cents ? `.${cents}` : ""}${currency ? ` ${currency}` : ""}`;
}

export const amountOf = (payload) => money(payload?.amount ?? payload?.notional, payload?.currency ?? "");

/** The end of an id: ids begin with the time, so beginnings look alike. */
export const shortId = (id) => id.slice(-8);

export const words = (text) => String(text ?? "").replaceAll(/[_-]/g, " ");

/** What colour an outcome or a state has. */
export function tone(word) {
  if (/^(executed|approved?|completed|recommended|onboarded|cleared|done|paid|live|active|decided|found|stored)$/.test(word)) return "good";
  if (/^(reject(ed)?|failed|unpaid|timed_out|incident|suspended|unsuitable|confirmed.*|exhausted)$/.test(word)) return "bad";
  if (/^(refer|unknown|void|review|overdue|withdrawn|expired|revoked|terminated)$/.test(word)) return "warn";
  if (/^(claimed|dispatching|authorized)$/.test(word)) return "busy";
  return "";
}
