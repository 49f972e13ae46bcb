/** Small things that every view is made of. */

import {html, useEffect, useMemo, useRef, useState} from "/static/vendor/preact.js";
import {atDay, atTime, inUtc, plain, since, tone, visible, words} from "./format.js";

export {html};

export const Pill = ({word, as}) => html`<span class=${`pill ${as ?? tone(word)}`}>${words(word)}</span>`;

export const At = ({time, day = false}) =>
  time ? html`<time datetime=${time} title=${inUtc(time)}>${(day ? atDay : atTime)(time)}</time>` : null;

export const Ago = ({time, now}) => html`<time datetime=${time} title=${inUtc(time)}>${since(time, now)}</time>`;

export const Empty = ({title, children}) => html`<div class="empty"><strong>${title}</strong><p>${children}</p></div>`;

export const Problem = ({error}) => html`<p class="notice bad" role="alert">${error.message}</p>`;

/** The time, told again every so often. */
export function useNow(everyMs = 1000) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** What the board answers to a read; again when `on` changes. What was there stays until the new is. */
export function useRead(ask, on) {
  const [found, setFound] = useState({value: null, error: null});
  useEffect(() => {
    const cut = new AbortController();
    ask(cut.signal).then(
      (value) => setFound({value, error: null}),
      (error) => cut.signal.aborted || setFound((before) => ({value: before.value, error})),
    );
    return () => cut.abort();
  }, on);
  return found;
}

/** A number that grows when an event that matters was told; at most so often, and once more for the last. */
export function useTurn(live, matters, on, everyMs = 250) {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer = null;
    const look = () => {};
    look.event = (event) => {
      if (timer !== null || !matters(event)) return;
      timer = setTimeout(() => { timer = null; setTurn((before) => before + 1); }, everyMs);
    };
    const ignore = live.listen(look);
    return () => { ignore(); clearTimeout(timer); };
  }, [live, ...on]);
  return turn;
}

export const Pairs = ({of}) => html`
  <dl class="pairs">
    ${Object.entries(of).filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => html`
      <dt key=${name}>${words(name)}</dt><dd><${Said} text=${plain(value)} /></dd>`)}
  </dl>`;

/** What somebody wrote, in a place of its own: it moves nothing beside it, and long it can be opened and closed. */
export function Said({text, limit = 600}) {
  const whole = visible(text);
  const [isOpen, setOpen] = useState(false);
  if (whole.length <= limit) return html`<bdi>${whole}</bdi>`;
  return html`<bdi>${isOpen ? whole : `${whole.slice(0, limit)}…`}</bdi> <button class="plain" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>${isOpen ? "Less" : `All ${whole.length} characters`}</button>`;
}

/**
 * The bytes of a side effect, as the board keeps and sends them: JSON in its canonical form (RFC 8785). They are made here from
 * what the board told, and their digest is computed here too: "same" is not the board's word but this page's.
 */
export function Bytes({payload, digest}) {
  const text = useMemo(() => canonical(payload), [payload]);
  const [same, setSame] = useState(null);
  useEffect(() => {
    let over = false;
    void sha256(text).then((found) => over || setSame(found === null ? null : found === digest));
    return () => { over = true; };
  }, [text, digest]);
  return html`
    <pre class="bytes" dir="ltr" tabindex="0" aria-label="Exact bytes" data-testid="bytes">${visible(text)}</pre>
    <p class="small quiet wrap">${same === true && html`<${Pill} word="digest agrees" as="good" />`}${same === false && html`<${Pill} word="digest differs" as="bad" />`}
      ${" "}SHA-256 <span class="mono">${digest}</span></p>`;
}

/** JSON as RFC 8785 wants it: members in the order of their UTF-16 units; the rest is what JSON.stringify does. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** In hex; null where the browser does not offer it (a page that came neither over TLS nor from this machine). */
async function sha256(text) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A window over the page; Escape and the button close it. */
export function Sheet({title, onClose, children}) {
  const place = useRef(null);
  useEffect(() => { place.current.showModal(); }, []);
  return html`
    <dialog ref=${place} aria-label=${title} onClose=${onClose}>
      <header><h2>${title}</h2><button class="plain" aria-label="Close" onClick=${() => place.current.close()}>×</button></header>
      ${children}
    </dialog>`;
}

/** Single keys, unless one is typing or a window lies over the page. */
export function useKeys(verbs) {
  useEffect(() => {
    const press = (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      const verb = verbs[event.key];
      if (verb) { event.preventDefault(); void verb(); }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}

/** A switch asks why before it is thrown: two steps, and what is written down is the reason. */
export function WithReason({title, act, isDanger = false, warning = ""}) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    try {
      await act(new FormData(event.target).get("reason"));
      setAsking(false);
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  };
  if (!asking) return html`<button class=${isDanger ? "danger" : ""} onClick=${() => setAsking(true)}>${title} …</button>`;
  return html`<form onSubmit=${send} class="ask">${warning && html`<p class="small">${warning}</p>`}<label>Why? <input name="reason" required autofocus maxlength="200" /></label>${error && html`<${Problem} error=${error} />`}
    <div class="choices"><button class=${isDanger ? "danger" : "primary"}>${title} now</button> <button type="button" class="plain" onClick=${() => setAsking(false)}>Never mind</button></div></form>`;
}
