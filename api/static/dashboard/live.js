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
// A clock that jumps: the machine slept, and whatever was connected is not.
const TICK_MS = 1000;
const SLEPT_MS = 20_000;
const MAX_LOOKS = 4;
const LOOK_BACK = 1000;

/** @typedef {{id: string, workflow: string, stage: string, state: string, outcome: string | null, sinceMs: number, holds: Map<string, object>, risk: string | null, known: boolean}} Card */

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
    this.looks = new Set();
    this.looking = 0;
    this.connections = 0;
  }

  async start() {
    try {
      const cursor = await this.readAll();
      await this.remember(cursor).catch(() => {});
      this.follow(cursor);
      this.unwatch = this.watchMachine();
    } catch (error) {
      this.error = error;
      this.tell();
    }
  }

  stop() {
    this.unwatch?.();
    this.stream?.close();
  }

  follow(cursor) {
    // What an earlier connection still has to say is not heard.
    const turn = (this.connections += 1);
    this.stream = follow({
      after: cursor,
      onEvent: (event) => turn === this.connections && this.take(event),
      onReset: async () => this.readAll(),
      onState: (state) => turn === this.connections && this.turn(state),
    });
  }

  /** What happened shortly before: charts and feed begin with it, and not with nothing; and who took what holds it still. */
  async remember(cursor) {
    const [epoch, position] = cursor.split(".").map(Number);
    const from = Math.max(0, position - LOOK_BACK);
    const page = await read(`/v1/events?after=${epoch}.${from}&limit=${LOOK_BACK}`, {headers: {Accept: "application/json"}});
    const before = page.events.filter((event) => event.position <= position);
    for (const event of before) this.tempo.take(event, this.cards.get(event.case_id));
    this.feed.push(...before.slice(-MAX_FEED));
    for (const event of before) {
      const card = this.cards.get(event.case_id);
      if (card && !card.closedAt && event.stage === card.stage && (event.type === "task.claimed" || LETS_GO.has(event.type))) apply(card, event);
    }
    this.tempo.sinceMs = from === 0 ? 0 : Date.parse(before[0]?.time ?? this.tempo.sinceMs);
    this.tell();
  }

  /** After sleep, or when the network is back, at once from where we were: no dead connection is waited for, or shown as live. */
  again() {
    const cursor = this.stream.cursor;
    this.connections += 1;
    this.stream.close();
    this.turn({state: "connecting", cursor});
    this.follow(cursor);
  }

  watchMachine() {
    let ticked = Date.now();
    const timer = setInterval(() => {
      const slept = Date.now() - ticked > SLEPT_MS && document.visibilityState === "visible";
      ticked = Date.now();
      if (slept) this.again();
    }, TICK_MS);
    // Timers of a window that nobody sees run seldom: a gap is no sleep then.
    const seen = () => { if (document.visibilityState === "visible" && Date.now() - ticked > 90_000) this.again(); ticked = Date.now(); };
    const lost = () => this.turn({state: "waiting", cursor: this.stream.cursor});
    const back = () => this.again();
    document.addEventListener("visibilitychange", seen);
    addEventListener("offline", lost);
    addEventListener("online", back);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("offline", lost);
      removeEventListener("online", back);
    };
  }

  /** What a list of cases does not say (who holds it, how risky it is) is read of the cards in sight, a few at a time. */
  look(card, nowMs = Date.now()) {
    const ranOut = [...card.holds.values()].some((hold) => hold.untilMs < nowMs - FRESH_MS && card.lookedMs < hold.untilMs + FRESH_MS);
    if (card.closedAt || (card.lookedMs > 0 && !ranOut)) return;
    card.lookedMs = nowMs;
    this.looks.add(card);
    void this.lookOn();
  }

  async lookOn() {
    while (this.looking < MAX_LOOKS && this.looks.size > 0) {
      const [card] = this.looks;
      this.looks.delete(card);
      this.looking += 1;
      read(`/v1/cases/${card.id}`).then((found) => { see(card, found); this.tell(); }, () => {}).finally(() => { this.looking -= 1; void this.lookOn(); });
    }
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
    // Away is away, though it tries again in between: what counts is since when nothing came.
    const isAway = (each) => each.state === "waiting" || (each.state === "connecting" && each.wasLost);
    const wasLost = state.state !== "live" && (isAway(this.connection) || state.state === "waiting");
    const same = wasLost ? isAway(this.connection) : state.state === this.connection.state;
    this.connection = {...state, wasLost, sinceMs: same ? this.connection.sinceMs : Date.now()};
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

const AT_WORK = {"task.decided": "done", "opinion.given": "done", "task.failed": "failure", "task.expired": "failure"};
const MAX_NOTES = 2000;
const BUCKET_S = 5;
const BUCKETS = 120;

/** How much happened in each of the last five-second spans, and how long cases took that ended in them. */
class Tempo {
  constructor() {
    /** @type {Map<number, {opened: number, ended: number, failures: number, tookMs: number[]}>} */
    this.spans = new Map();
    // Before that nothing is known; that is not the same as nothing happened.
    this.sinceMs = Date.now();
    /** Of each agent: when it ended tasks, and when it failed. */
    this.agents = new Map();
  }

  take(event, card) {
    this.note(event);
    const span = this.at(Math.floor(Date.parse(event.time) / 1000 / BUCKET_S) * BUCKET_S);
    if (event.type === "case.opened") span.opened += 1;
    if (event.type === "task.failed" || event.type === "task.expired") span.failures += 1;
    if (event.type !== "case.closed") return;
    span.ended += 1;
    if (card) span.tookMs.push(Date.parse(event.time) - Date.parse(card.openedAt));
  }

  note(event) {
    const kind = AT_WORK[event.type];
    if (!kind) return;
    const who = event.data.holder ?? event.actor;
    if (!this.agents.has(who)) this.agents.set(who, []);
    const kept = this.agents.get(who);
    kept.push({kind, ms: Date.parse(event.time)});
    if (kept.length > MAX_NOTES) kept.splice(0, MAX_NOTES / 2);
  }

  /** What an agent ended, and what it failed at, in the last so many minutes. */
  of(agent, nowMs, minutes = 10) {
    const recent = (this.agents.get(agent) ?? []).filter((each) => each.ms > nowMs - minutes * 60_000);
    const failures = recent.filter((each) => each.kind === "failure").length;
    return {done: recent.length - failures, failures};
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
    const each = (of) => times.map((time) => (time + BUCKET_S < this.sinceMs / 1000 ? null : of(this.spans.get(time))));
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
    // Of the case; a review that waits may be due before it.
    wholeDueAt: found.due_at,
    dueAt: found.due_at,
    openedAt: found.opened_at,
    closedAt: found.closed_at,
    sinceMs: before?.stage === found.stage ? before.sinceMs : Date.parse(found.closed_at ?? found.opened_at),
    holds: before?.holds ?? new Map(),
    risk: before?.risk ?? null,
    lookedMs: 0,
    known: before?.known ?? false,
    changedMs: 0,
  };
}

/** What the case itself says beyond the list. What an event said meanwhile is newer, and stays. */
function see(card, found) {
  card.risk = riskOf(found);
  card.known = true;
  if (found.stage !== card.stage || found.closed_at) return;
  for (const task of found.tasks) {
    if (task.due_at && !task.finished_at && !(card.dueAt < task.due_at)) card.dueAt = task.due_at;
    if (!task.holder) continue;
    card.holds.set(task.id, {agent: task.holder.agent, capability: task.capability, atMs: Date.parse(task.holder.granted_at), untilMs: Date.parse(task.holder.deadline_at)});
  }
}

/** The score that was given last: of a fact that is named so, else of a decision. */
export function riskOf(found) {
  for (const name of ["risk_score", "risk", "score"]) {
    const value = found.facts?.[name]?.value;
    const score = typeof value === "object" ? value?.score : value;
    if (typeof score === "number" || /^[0-9.]+$/.test(score ?? "")) return String(score);
  }
  const scored = (found.decisions ?? []).filter((made) => made.score != null);
  return scored.length > 0 ? String(scored.at(-1).score) : null;
}

const LETS_GO = new Set([
  "task.decided", "task.failed", "task.expired", "task.revoked", "task.cancelled", "task.released", "task.rejected", "task.waiting", "task.ready", "opinion.given",
]);

/** What an event says of a card. Events of what it shows already change nothing. */
function apply(card, event) {
  const {type, data} = event;
  if (type === "case.moved") {
    Object.assign(card, {stage: event.stage, state: data.state, dueAt: card.wholeDueAt, sinceMs: Date.parse(event.time), changedMs: Date.now()});
    card.holds.clear();
    card.known = true;
  } else if (type === "case.closed") {
    Object.assign(card, {state: data.state, outcome: data.outcome, closedAt: event.time, sinceMs: Date.parse(event.time), changedMs: Date.now()});
    card.holds.clear();
  } else if (type.startsWith("case.") && data?.state) {
    card.state = data.state;
  } else if (type === "fact.put" && /^(risk_score|risk|score)$/.test(data.key)) {
    card.risk = riskOf({facts: {[data.key]: data}}) ?? card.risk;
  } else if (type === "task.claimed") {
    card.holds.set(event.task_id, {agent: event.actor, capability: event.capability, atMs: Date.parse(event.time), untilMs: Date.parse(data.deadline_at)});
  } else if (LETS_GO.has(type)) {
    card.holds.delete(event.task_id);
  }
}

export const isFresh = (card, now) => now - card.changedMs < FRESH_MS;
