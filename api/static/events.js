/**
 * Follows the board's journal in a browser: every event once and in order, through any interruption.
 *
 * Over fetch and not EventSource, which gives up for good on any answer but 200, sends no headers, sees no comments, and cannot
 * be given a fresh ticket. A module without dependencies: <script type="module"> under `script-src 'self'; connect-src 'self'`.
 *
 *   import {follow} from "/static/events.js";
 *   const stream = follow({filters: {type: ["task.*"]}, after: page.cursor, onEvent: (event) => show(event)});
 *   stream.close();
 */

const SILENT_HEARTBEATS = 2.5;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;
const MAX_GARBLED = 5;
const MAX_FRAME_CHARS = 1024 * 1024;
const LATER = [408, 425, 429];

/**
 * @typedef {object} StreamEvent An entry of the journal, as CloudEvents JSON.
 * @property {string} id the cursor to resume after it
 * @property {number} prev the position of the event before it on this stream
 * @property {number} position
 * @property {string} type
 * @property {string} time
 * @property {string} actor
 * @property {string | null} case_id
 * @property {string | null} task_id
 * @property {object} data
 *
 * @typedef {object} Reset Continuity is lost: read the snapshot again.
 * @property {string} reason
 * @property {string} snapshot where to read what is so now
 * @property {string} cursor where the stream goes on
 *
 * @typedef {object} State
 * @property {"connecting" | "live" | "waiting" | "ended"} state
 * @property {string | null} cursor
 * @property {number} [pauseMs] of `waiting`
 * @property {Error} [error] why it is not live
 *
 * @typedef {object} Options
 * @property {string | URL} [url] `/v1/events` of the page's origin unless said otherwise
 * @property {Record<string, string | string[]>} [filters] those of GET /v1/events
 * @property {string | null} [after] the cursor to go on from; "0" is the beginning, none is from now on
 * @property {() => Promise<string>} [ticket] gets a one-use ticket, which is asked for before each connection
 * @property {Record<string, string>} [headers] sent with each request; cookies of the same site go by themselves
 * @property {(event: StreamEvent) => unknown} onEvent what it returns is waited for before the next one comes
 * @property {(left: StreamEvent) => unknown} [onLeft] the event with which something ceased to match the filters
 * @property {(reset: Reset) => string | void | Promise<string | void>} [onReset] may read the snapshot, and return the cursor
 *   that it is true at; the stream then goes on from there
 * @property {(state: State) => unknown} [onState]
 */

/** What came is not what a board sends. */
class Garbled extends Error {}

/** The board says no, and will say so again. */
class Refused extends Error {}

/**
 * Follow until `close()`, a refusal, or the board's word that nothing more will come.
 * @param {Options} options
 * @returns {{close: () => void, readonly cursor: string | null, readonly ended: Promise<void>}}
 */
export function follow(options) {
  const follower = new Follower(options);
  const ended = follower.run();
  return {
    close: () => follower.close(),
    get cursor() { return follower.chain.cursor; },
    ended,
  };
}

/** The cursor, and what may come after it: positions rise, and each entry names the one before it in this stream. */
class Chain {
  /** @param {string | null | undefined} cursor */
  constructor(cursor) {
    this.cursor = cursor || null;
    this.epoch = -1;
    this.told = 0;
    this.owesReset = false;
  }

  /**
   * A connection that begins there. Elsewhere than asked for, it owes a reset before anything else. The same position in a later
   * epoch is the same place: the server was replaced, and lost nothing that this reader has.
   */
  greet(start) {
    if (this.cursor === null || this.cursor === "0") this.cursor = start;
    const [askedEpoch, asked] = split(this.cursor);
    [this.epoch, this.told] = split(start);
    this.owesReset = asked !== this.told || askedEpoch > this.epoch;
    if (!this.owesReset) this.cursor = start;
  }

  /** Continuity is lost; what follows is linked to that cursor. */
  reset(cursor) {
    [this.epoch, this.told] = split(cursor);
    this.cursor = cursor;
    this.owesReset = false;
  }

  /** A bookmark: nothing that was asked for lies before it. */
  mark(cursor) {
    if (this.advance(cursor) > this.seen()) this.cursor = cursor;
  }

  /** Whether the entry is new. A hole before it, or an order that cannot be, is garbled. */
  take(entry) {
    const position = this.advance(entry.id);
    if (entry.position !== position || !(entry.prev < position)) throw new Garbled(`event ${entry.id} has no place in the order`);
    if (position <= this.seen()) return false;
    if (entry.prev > this.seen()) throw new Garbled(`the stream skipped from ${this.cursor} to ${entry.id}`);
    this.cursor = entry.id;
    return true;
  }

  seen() {
    return this.cursor === null ? 0 : split(this.cursor)[1];
  }

  advance(cursor) {
    const [epoch, position] = split(cursor);
    if (this.owesReset || epoch < this.epoch) throw new Garbled(`the stream is at ${cursor} and not after ${this.cursor}`);
    if (position < this.told) throw new Garbled(`the stream went back from ${this.told} to ${position}`);
    [this.epoch, this.told] = [epoch, position];
    return position;
  }
}

/** Reads text as it comes into frames. A field that was not there is undefined: a comment repeats no earlier id. */
class FrameParser {
  constructor() {
    this.line = "";
    this.size = 0;
    this.afterCr = false;
    this.begin();
  }

  begin() {
    this.frame = {event: "message", data: undefined, id: undefined, retry: undefined};
    this.lines = [];
    this.size = 0;
    this.isEmpty = true;
  }

  /** @param {string} text */
  *feed(text) {
    if (text === "") return;
    const rest = this.afterCr && text.startsWith("\n") ? text.slice(1) : text;
    this.afterCr = rest.endsWith("\r");
    const [first, ...others] = rest.split(/\r\n|\n|\r/);
    this.extend(first);
    for (const begun of others) {
      const frame = this.endLine();
      if (frame) yield frame;
      this.extend(begun);
    }
  }

  extend(part) {
    this.line += part;
    if (this.size + this.line.length > MAX_FRAME_CHARS) throw new Garbled(`a frame is larger than ${MAX_FRAME_CHARS}`);
  }

  endLine() {
    const line = this.line;
    this.line = "";
    if (line === "") return this.endFrame();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    this.size += line.length;
    const name = colon < 0 ? line : line.slice(0, colon);
    this.set(name, colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, ""));
    return null;
  }

  set(name, value) {
    if (name === "data") this.lines.push(value);
    else if (name === "event") this.frame.event = value || "message";
    else if (name === "id" && !value.includes("\0")) this.frame.id = value;
    else if (name === "retry" && /^[0-9]{1,9}$/.test(value)) this.frame.retry = Number(value);
    else return;
    this.isEmpty = false;
  }

  endFrame() {
    const {frame, lines, isEmpty} = this;
    this.begin();
    if (lines.length > 0) frame.data = lines.join("\n");
    return isEmpty ? null : frame;
  }
}

class Follower {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.url = new URL(options.url ?? "/v1/events", globalThis.location?.href);
    this.chain = new Chain(options.after);
    this.closing = new AbortController();
    this.heartbeatMs = 15_000;
    this.askedMs = 0;
    this.failures = 0;
    this.garbledAt = null;
    this.garbled = 0;
    this.liveSince = null;
  }

  close() {
    this.closing.abort();
  }

  async run() {
    let more = true;
    while (more && !this.closing.signal.aborted) {
      const error = await this.connectOnce();
      more = error !== null && !(error instanceof Refused);
      if (more && !this.closing.signal.aborted) await this.pause(error);
      else this.tell("ended", error instanceof Refused ? {error} : {});
    }
  }

  /** Why the connection ended; null when the board has nothing more to say. */
  async connectOnce() {
    this.liveSince = null;
    this.tell("connecting");
    const cut = new AbortController();
    const close = () => cut.abort();
    this.closing.signal.addEventListener("abort", close);
    try {
      return await this.connect(cut);
    } catch (error) {
      return error instanceof Garbled ? this.doubt(error) : error;
    } finally {
      this.closing.signal.removeEventListener("abort", close);
      cut.abort();
    }
  }

  async connect(cut) {
    const response = await this.unlessSilent(cut, this.request(cut.signal));
    if (response.status === 204) return null;
    await this.check(response, cut);
    const reader = response.body.getReader();
    const decoder = new TextDecoder(); // takes a byte-order mark away
    const parser = new FrameParser();
    while (true) {
      const {done, value} = await this.unlessSilent(cut, reader.read());
      if (done) return new Error("the connection was closed");
      for (const frame of parser.feed(decoder.decode(value, {stream: true}))) {
        const again = await this.read(frame);
        if (this.closing.signal.aborted || again) return new Error(again || "closed");
      }
    }
  }

  async request(signal) {
    const url = new URL(this.url);
    for (const [name, values] of Object.entries(this.options.filters ?? {})) {
      for (const value of [values].flat()) url.searchParams.append(name, value);
    }
    if (this.options.ticket) url.searchParams.set("ticket", await this.options.ticket());
    const headers = {...this.options.headers, Accept: "text/event-stream"};
    if (this.chain.cursor !== null) headers["Last-Event-ID"] = this.chain.cursor;
    return fetch(url, {headers, signal, cache: "no-store", credentials: "same-origin", redirect: "error"});
  }

  /** Throws unless the answer is a stream. */
  async check(response, cut) {
    const kind = response.headers.get("Content-Type") ?? "";
    if (response.ok && kind.split(";")[0].trim() === "text/event-stream") return;
    if (response.ok) throw new Garbled(`it is "${kind}" and no stream`);
    const wait = response.headers.get("Retry-After") ?? "";
    if (/^[0-9]{1,6}$/.test(wait)) this.askedMs = Math.min(BACKOFF_MAX_MS, Number(wait) * 1000);
    const problem = await this.unlessSilent(cut, response.json().catch(() => ({})));
    const said = problem?.detail ?? `The board answered ${response.status} without saying why.`;
    if (response.status >= 500 || LATER.includes(response.status)) throw new Error(said);
    // A ticket lives for seconds: one that was late is replaced, for as long as any doubt is given.
    throw response.status === 401 && this.options.ticket ? new Garbled(said) : new Refused(said);
  }

  /** Why to connect anew, if the frame is a reason to. */
  async read(frame) {
    if (frame.retry !== undefined) this.askedMs = Math.min(BACKOFF_MAX_MS, frame.retry);
    if (frame.event === "bye") return "the board said bye";
    if (frame.data && (frame.event === "message" || frame.event === "left")) await this.take(frame);
    else if (frame.event === "ready") this.greet(parse(frame));
    else if (frame.event === "reset") return this.reset(parse(frame));
    else if (frame.id) this.chain.mark(frame.id); // a bookmark, or what only newer readers know
    return null;
  }

  greet(ready) {
    const heartbeat = Number(ready.heartbeat_s ?? 15);
    if (!(heartbeat > 0 && heartbeat <= 3600)) throw new Garbled(`a heartbeat of ${ready.heartbeat_s} s`);
    this.heartbeatMs = heartbeat * 1000;
    this.chain.greet(ready.start);
    this.liveSince = performance.now();
    this.tell("live");
  }

  async take(frame) {
    const entry = parse(frame);
    if (entry.id !== frame.id) throw new Garbled(`the frame ${frame.id} holds the event ${entry.id}`);
    if (!this.chain.take(entry)) return;
    await hear(frame.event === "left" ? this.options.onLeft : this.options.onEvent, entry);
  }

  /** The cursor moves only when the snapshot was read: if that fails, the next connection is reset again. */
  async reset(told) {
    split(told.cursor);
    const cursor = this.options.onReset ? await this.options.onReset(told) : undefined;
    this.chain.reset(cursor ?? told.cursor);
    return cursor === undefined ? null : "the snapshot was read";
  }

  /** What is awaited, or an error after 2.5 heartbeats; the time that handlers take is not silence. */
  unlessSilent(cut, awaited) {
    return new Promise((resolve, reject) => {
      const alarm = setTimeout(() => {
        reject(new Error("the connection fell silent"));
        cut.abort();
      }, this.heartbeatMs * SILENT_HEARTBEATS);
      awaited.then(resolve, reject).finally(() => clearTimeout(alarm));
    });
  }

  /** Try again, but not for ever from the same place. */
  doubt(error) {
    this.garbled = this.garbledAt === this.chain.cursor ? this.garbled + 1 : 1;
    this.garbledAt = this.chain.cursor;
    if (this.garbled < MAX_GARBLED) return error;
    return new Refused(`What came is not a board's stream, ${MAX_GARBLED} times in a row: ${error.message}`);
  }

  /** What the server asks for, and full jitter over a span that doubles; health forgives. */
  async pause(error) {
    const healthy = this.liveSince !== null && performance.now() - this.liveSince >= HEALTHY_AFTER_MS;
    this.failures = healthy ? 0 : Math.min(this.failures + 1, 10);
    const jitter = Math.random() * BACKOFF_FIRST_MS * 2 ** this.failures;
    const pauseMs = Math.min(BACKOFF_MAX_MS, this.askedMs + jitter);
    this.tell("waiting", {pauseMs, error});
    await sleep(pauseMs, this.closing.signal);
  }

  tell(state, more = {}) {
    hear(this.options.onState, {state, cursor: this.chain.cursor, ...more});
  }
}

/** Call a handler. What it throws is reported as a page's other errors are, and stops no stream. */
async function hear(handler, told) {
  try {
    await handler?.(told);
  } catch (error) {
    globalThis.reportError ? globalThis.reportError(error) : console.error(error);
  }
}

/** So long, or until it is closed or the network is back. */
function sleep(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      globalThis.removeEventListener?.("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    globalThis.addEventListener?.("online", done);
  });
}

/** Epoch and position. */
function split(cursor) {
  const parts = /^([0-9]{1,15})\.([0-9]{1,15})$/.exec(cursor);
  if (!parts) throw new Garbled(`${String(cursor).slice(0, 40)} is no cursor`);
  return [Number(parts[1]), Number(parts[2])];
}

function parse(frame) {
  try {
    const told = JSON.parse(frame.data);
    if (told !== null && typeof told === "object") return told;
  } catch {
    // as below
  }
  throw new Garbled(`a frame "${frame.event}" cannot be read`);
}
