/** Small things that every view is made of. */

import {html, useEffect, useState} from "/static/vendor/preact.js";
import {atDay, atTime, inUtc, since, tone, words} from "./format.js";

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

/** Any value of a fact or a payload, as text. */
export const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));

export const Pairs = ({of}) => html`
  <dl class="pairs">
    ${Object.entries(of).filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => html`
      <dt key=${name}>${words(name)}</dt><dd>${plain(value)}</dd>`)}
  </dl>`;
