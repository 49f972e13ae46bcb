/**
 * The board as it is now: a snapshot of the cases, then every event. What is shown is told at most once per frame.
 *
 * One stream for all views, since a browser allows six connections to a host over HTTP/1.1.
 */

import {follow} from "/static/events.js";
import {read} from "./http.js";

const PAGE = 200;
// More closed cases than this are not kept in the page: the audit view asks for them.
const MAX_ENDED = 2000;
const MAX_FEED = 500;
const FRESH_MS = 1500;

/** @typedef {{id: string, workflow: string, stage: string, state: string, outcome: string | null, sinceMs: number, holds: Map<string, object>}} Card */

export class LiveBoard {
  constructor() {
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    this.workflows = [];
    this.feed = [];
    this.tempo = new Tempo();
    this.connection = {state: "connecting", sinceMs: Date.now()};
    this.version = 0;
    this.loaded = false;
    this.error = null;
    this.listeners = new Set();
    this.unknown = new Set();
    this.pending = null;
  }

  async start() {
    try {
      const cursor = await this.readAll();
      this.stream = follow({
        after: cursor,
        onEvent: (event) => this.take(event),
        onReset: async () => this.readAll(),
        onState: (state) => this.turn(state),
      });
    } catch (error) {
      this.error = error;
      this.tell();
    }
  }

  stop() {
    this.stream?.close();
  }

  listen(tell) {
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  }

  /** Every open case and the newest of those that ended; the cursor at which the first page was true. */
  async readAll() {
    this.workflows = await read("/v1/workflows");
    const seen = new Map();
    let cursor = null;
    for (let before = ""; ; ) {
      const page = await read(`/v1/cases?limit=${PAGE}${before}`);
      cursor ??= `${page.epoch}.${page.position}`;
      for (const found of page.cases) seen.set(found.id, cardOf(found, this.cards.get(found.id)));
      if (page.next === null || seen.size >= 20_000) break;
      before = `&before=${page.next}`;
      if (!this.loaded) { this.cards = seen; this.tell(); }
    }
    this.cards = seen;
    this.loaded = true;
    this.forgetEnded();
    this.tell();
    return cursor;
  }

  take(event) {
    this.feed.push(event);
    if (this.feed.length > MAX_FEED * 2) this.feed.splice(0, MAX_FEED);
    const card = this.cards.get(event.case_id);
    this.tempo.take(event, card);
    if (event.type === "case.opened" && !card) this.unknown.add(event.case_id);
    else if (card) apply(card, event);
    for (const tell of this.listeners) tell.event?.(event);
    this.tell();
  }

  turn(state) {
    if (state.state !== this.connection.state) this.connection = {...state, sinceMs: Date.now()};
    else this.connection = {...state, sinceMs: this.connection.sinceMs};
    this.tell();
  }

  /** Once per frame, however many events; in a window that nobody sees, when it is looked at again. */
  tell() {
    if (this.pending !== null) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = null;
      this.version += 1;
      if (this.unknown.size > 0) void this.readNew();
      for (const tell of this.listeners) tell(this);
    });
  }

  /** What was opened since: an event does not hold the payload, so the newest page is read, once for all of them. */
  async readNew() {
    const wanted = this.unknown;
    this.unknown = new Set();
    try {
      const page = await read(`/v1/cases?limit=${PAGE}`);
      for (const found of page.cases) {
        if (!wanted.delete(found.id)) continue;
        this.cards.set(found.id, {...cardOf(found), isNew: true, changedMs: Date.now()});
      }
      for (const id of wanted) {
        const found = await read(`/v1/cases/${id}`);
        this.cards.set(id, {...cardOf(found), changedMs: Date.now()});
      }
      this.forgetEnded();
      this.tell();
    } catch {
      for (const id of wanted) this.unknown.add(id);
    }
  }

  forgetEnded() {
    const ended = [...this.cards.values()].filter((card) => card.closedAt);
    if (ended.length <= MAX_ENDED) return;
    ended.sort((one, other) => (one.closedAt < other.closedAt ? -1 : 1));
    for (const card of ended.slice(0, ended.length - MAX_ENDED)) this.cards.delete(card.id);
  }
}

const BUCKET_S = 5;
const BUCKETS = 120;

/** How much happened in each of the last five-second spans, and how long cases took that ended in them. */
class Tempo {
  constructor() {
    /** @type {Map<number, {opened: number, ended: number, failures: number, tookMs: number[]}>} */
    this.spans = new Map();
  }

  take(event, card) {
    const span = this.at(Math.floor(Date.parse(event.time) / 1000 / BUCKET_S) * BUCKET_S);
    if (event.type === "case.opened") span.opened += 1;
    if (event.type === "task.failed" || event.type === "task.expired") span.failures += 1;
    if (event.type !== "case.closed") return;
    span.ended += 1;
    if (card) span.tookMs.push(Date.parse(event.time) - Date.parse(card.openedAt));
  }

  at(second) {
    if (!this.spans.has(second)) this.spans.set(second, {opened: 0, ended: 0, failures: 0, tookMs: []});
    for (const old of this.spans.keys()) if (old < second - BUCKET_S * BUCKETS) this.spans.delete(old);
    return this.spans.get(second);
  }

  /** Ready to be drawn up to now: quiet spans are zeros, and have no time that a case took. */
  lines(nowMs) {
    const last = Math.floor(nowMs / 1000 / BUCKET_S) * BUCKET_S - BUCKET_S;
    const times = Array.from({length: BUCKETS}, (_, n) => last - (BUCKETS - 1 - n) * BUCKET_S);
    const each = (of) => times.map((time) => of(this.spans.get(time)));
    return {
      times,
      opened: each((span) => (span?.opened ?? 0) / BUCKET_S),
      ended: each((span) => (span?.ended ?? 0) / BUCKET_S),
      failures: each((span) => (span?.failures ?? 0) / BUCKET_S),
      tookS: each((span) => (span?.tookMs.length ? middle(span.tookMs) / 1000 : null)),
    };
  }
}

const middle = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];

function cardOf(found, before) {
  return {
    id: found.id,
    number: found.number ?? null,
    workflow: found.workflow,
    stage: found.stage,
    state: found.state,
    outcome: found.outcome,
    subject: found.subject,
    payload: found.payload ?? {},
    dueAt: found.due_at,
    openedAt: found.opened_at,
    closedAt: found.closed_at,
    sinceMs: before?.stage === found.stage ? before.sinceMs : Date.parse(found.closed_at ?? found.opened_at),
    holds: before?.holds ?? new Map(),
    changedMs: 0,
  };
}

const LETS_GO = new Set([
  "task.decided", "task.failed", "task.expired", "task.revoked", "task.cancelled", "task.released", "task.rejected", "task.waiting", "task.ready", "opinion.given",
]);

/** What an event says of a card. Events of what it shows already change nothing. */
function apply(card, event) {
  const {type, data} = event;
  if (type === "case.moved") {
    Object.assign(card, {stage: event.stage, state: data.state, sinceMs: Date.parse(event.time), changedMs: Date.now()});
    card.holds.clear();
  } else if (type === "case.closed") {
    Object.assign(card, {state: data.state, outcome: data.outcome, closedAt: event.time, sinceMs: Date.parse(event.time), changedMs: Date.now()});
    card.holds.clear();
  } else if (type.startsWith("case.") && data?.state) {
    card.state = data.state;
  } else if (type === "task.claimed") {
    card.holds.set(event.task_id, {agent: event.actor, capability: event.capability, atMs: Date.parse(event.time), untilMs: Date.parse(data.deadline_at)});
  } else if (LETS_GO.has(type)) {
    card.holds.delete(event.task_id);
  }
}

export const isFresh = (card, now) => now - card.changedMs < FRESH_MS;
