/** Cases as cards in columns of stages, moving while you look. */

import {useEffect, useMemo, useRef, useState} from "/static/vendor/preact.js";
import {amountOf, countdown, plain, shortId, since, span, visible, words} from "../format.js";
import {isFresh} from "../live.js";
import {Empty, Pill, html, useNow} from "../parts.js";
import {go, withQuery} from "../router.js";
import {inOrder} from "../stages.js";

const CARD_PX = 100;
const SPARE_CARDS = 4;
// Who holds them is found out for a filter: of so many, more than a person looks through.
const MAX_ASKED = 300;
const ENDED = "ended";
const ORDERS = {age: "Oldest first", newest: "Newest first", amount: "Largest amount", due: "Due first"};
const EDGE_PX = 12;
const SHOWN = {"": "All cases", held: "Held by an agent", waiting: "Held by nobody", late: "Late", suspended: "Suspended"};

export function Board({live, address}) {
  const now = useNow();
  const {query} = address;
  const search = query.get("search") ?? "";
  const counts = useMemo(() => countOpen(live.cards), [live.version]);
  const names = live.workflows.map((workflow) => workflow.name);
  const chosen = query.get("workflow") || (search && richest(live.cards, search)) || busiest(counts, names);
  const only = query.get("only") ?? "";
  const columns = useMemo(() => columnsOf(live, chosen, {search, only}, query.get("order")), [live.version, chosen, search, only, query.get("order")]);
  useEffect(() => {
    if (only !== "held" && only !== "waiting") return;
    const unknown = [...live.cards.values()].filter((card) => card.workflow === chosen && !card.known && !card.closedAt);
    for (const card of unknown.slice(0, MAX_ASKED)) live.look(card);
  }, [only, chosen, live.loaded]);
  const found = columns.reduce((sum, column) => sum + column.cards.length, 0);
  const bar = useRef(null);
  const stages = useRef(null);
  useEffect(() => show(bar.current?.querySelector("[aria-current=true]")), [chosen, live.loaded]);
  useEffect(() => show(stages.current?.querySelector("[data-cards]")), [chosen, live.loaded, search, only]);
  if (!live.loaded && live.cards.size === 0) return html`<${Empty} title="Reading the board …" />`;
  if (names.length === 0) return html`<${Empty} title="No workflow is loaded">Load one with <code>blackboard provision</code>.<//>`;
  return html`
    <div class="board">
      <h1 class="seen-by-readers-only">Board</h1>
      <div class="boardbar">
        <nav class="tabs" aria-label="Workflows" ref=${bar}>
          ${names.map((name) => html`<a key=${name} href=${withQuery({workflow: name})} aria-current=${name === chosen}>${words(name)}<span class="count">${counts.get(name) ?? 0}</span></a>`)}
        </nav>
        <div class="rest choices">
          <${Choice} title="Which cases" of=${SHOWN} name="only" value=${only} />
          <${Choice} title="Order" of=${ORDERS} name="order" value=${query.get("order") ?? "age"} />
        </div>
        ${search && html`<span class="pill">“<bdi>${visible(search)}</bdi>” <a href=${withQuery({search: ""})} aria-label="Show all again">×</a></span>`}
      </div>
      ${found === 0 && (search || only) && html`<${Empty} title="No case matches">
        Of ${words(chosen)}. <a href=${withQuery({search: "", only: ""})}>Show all of them</a>${search && " or look in another workflow above"}.<//>`}
      <div class="columns" data-testid="columns" ref=${stages}>
        ${columns.filter((column) => column.cards.length > 0 || !(search || only)).map((column) => html`<${Column} key=${column.name} column=${column} now=${now} live=${live} />`)}
      </div>
    </div>`;
}

/** On a narrow screen what was asked for may lie beside it: there it is brought in, sideways, once. */
function show(element) {
  const box = element?.parentElement;
  if (box && element.offsetLeft + element.offsetWidth > box.offsetLeft + box.clientWidth) box.scrollLeft = element.offsetLeft - box.offsetLeft - EDGE_PX;
}

function Choice({title, of, name, value}) {
  return html`<select aria-label=${title} value=${value} onChange=${(event) => go(withQuery({[name]: event.target.value}), {replace: true})}>
    ${Object.entries(of).map(([word, said]) => html`<option key=${word} value=${word}>${said}</option>`)}</select>`;
}

/** Only the cards in sight are in the page: thousands in a column cost what a screenful does. */
function Column({column, now, live}) {
  const [window_, setWindow] = useState({top: 0, height: 800});
  const lane = useRef(null);
  useEffect(() => {
    const look = () => setWindow({top: lane.current.scrollTop, height: lane.current.clientHeight});
    const watch = new ResizeObserver(look);
    watch.observe(lane.current);
    lane.current.addEventListener("scroll", look, {passive: true});
    return () => watch.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(window_.top / CARD_PX) - SPARE_CARDS);
  const last = Math.min(column.cards.length, Math.ceil((window_.top + window_.height) / CARD_PX) + SPARE_CARDS);
  const inSight = column.cards.slice(first, last);
  // Cards that are scrolled past are not looked at.
  useEffect(() => {
    const rest = setTimeout(() => { for (const card of inSight) live.look(card, now); }, 200);
    return () => clearTimeout(rest);
  }, [first, last, column.cards, Math.floor(now / 5000)]);
  return html`
    <section class="column" data-cards=${column.cards.length || undefined} aria-label=${words(column.name)}>
      <header><h2>${words(column.name)}</h2>${column.isReview && html`<${Pill} word="people" as="warn" />`}<span class="count" data-testid=${`count-${column.name}`}>${column.cards.length}</span></header>
      <div class="lane" ref=${lane} tabindex="0">
        <ol style=${{height: `${column.cards.length * CARD_PX}px`}}>
          ${inSight.map((card, n) => html`<li key=${card.id}><${CaseCard} card=${card} top=${(first + n) * CARD_PX} now=${now} /></li>`)}
        </ol>
      </div>
    </section>`;
}

function CaseCard({card, top, now}) {
  const hold = card.holds.values().next().value;
  const isLate = !card.closedAt && card.dueAt && Date.parse(card.dueAt) < now;
  const name = card.number ? `№ ${card.number}` : shortId(card.id);
  return html`
    <a class=${`card${isLate ? " late" : ""}${isFresh(card, now) ? " fresh" : ""}`} href=${`/ui/cases/${card.id}`} style=${{transform: `translateY(${top}px)`}} data-testid="card">
      <span class="row"><span class="who" title=${visible(card.subject)}>${card.subject ? visible(card.subject) : name}</span><span class="amount">${amountOf(card.payload)}</span></span>
      <span class="row foot"><span class="fit">${name}${card.risk !== null && html` · risk ${card.risk}`}</span><span class="age" title="How long it has been here">${span((now - card.sinceMs) / 1000)}</span></span>
      <span class="row foot">${card.closedAt ? html`<${Pill} word=${card.outcome} />` : html`<${Holding} card=${card} hold=${hold} now=${now} />`}
        ${!card.closedAt && card.dueAt && html`<span class=${`due${isLate ? " bad" : ""}`}>${isLate ? `late by ${since(card.dueAt, now)}` : `due in ${span((Date.parse(card.dueAt) - now) / 1000)}`}</span>`}</span>
    </a>`;
}

/** Who has it, and how long that claim still runs. Heartbeats move its end on without an event: a claim that ran out is read anew. */
function Holding({card, hold, now}) {
  if (card.state === "suspended") return html`<${Pill} word="suspended" as="warn" />`;
  if (!hold) return html`<span class="fit">${card.known ? "waiting" : ""}</span>`;
  const length = hold.untilMs - hold.atMs;
  const leftMs = Math.max(0, hold.untilMs - now);
  return html`<span class="holder fit" title=${`for ${span((now - hold.atMs) / 1000)}`}><bdi>${visible(hold.agent)}</bdi></span><span class="left" title="The claim runs out then, unless its holder is heard of">${countdown(leftMs / 1000)}</span><span class="lease" style=${{transform: `scaleX(${leftMs / length})`}}></span>`;
}

function countOpen(cards) {
  const counts = new Map();
  for (const card of cards.values()) if (!card.closedAt) counts.set(card.workflow, (counts.get(card.workflow) ?? 0) + 1);
  return counts;
}

const busiest = (counts, names) => [...names].sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0))[0];

/** The workflow of which most cases match. */
function richest(cards, search) {
  const counts = new Map();
  for (const card of cards.values()) if (matches(card, {search})) counts.set(card.workflow, (counts.get(card.workflow) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0];
}

function columnsOf(live, workflow, wanted, order) {
  const definition = live.workflows.find((each) => each.name === workflow)?.definition ?? {stages: {}};
  const columns = new Map(inOrder(definition).map((name) => [name, {name, isReview: isForPeople(definition.stages[name]), cards: []}]));
  columns.set(ENDED, {name: ENDED, cards: []});
  for (const card of live.cards.values()) {
    if (card.workflow !== workflow || !matches(card, wanted)) continue;
    const name = card.closedAt ? ENDED : card.stage;
    if (!columns.has(name)) columns.set(name, {name, cards: []});
    columns.get(name).cards.push(card);
  }
  for (const column of columns.values()) column.cards.sort(column.name === ENDED ? byNewest : (BY[order] ?? byAge));
  return [...columns.values()];
}

const byAge = (one, other) => one.sinceMs - other.sinceMs || (one.id < other.id ? -1 : 1);
const byNewest = (one, other) => other.sinceMs - one.sinceMs || (one.id < other.id ? 1 : -1);
const size = (card) => plain(card.payload?.amount ?? card.payload?.notional ?? "").split(".")[0].padStart(18, "0");
const byDue = (one, other) => (Date.parse(one.dueAt ?? FAR) - Date.parse(other.dueAt ?? FAR)) || byAge(one, other);
const FAR = "9999-01-01";
const BY = {newest: byNewest, due: byDue, amount: (one, other) => (size(one) < size(other) ? 1 : -1)};

const isForPeople = (stage) => Boolean(stage?.review);

const IS = {
  held: (card) => card.holds.size > 0 && !card.closedAt,
  waiting: (card) => card.holds.size === 0 && !card.closedAt,
  late: (card) => !card.closedAt && card.dueAt && Date.parse(card.dueAt) < Date.now(),
  suspended: (card) => card.state === "suspended",
};

function matches(card, {search, only}) {
  if (IS[only] && !IS[only](card)) return false;
  if (!search) return true;
  const wanted = search.toLowerCase();
  return [card.subject, card.id, String(card.number ?? ""), ...[...card.holds.values()].map((hold) => hold.agent), ...Object.values(card.payload).filter((value) => typeof value === "string")]
    .some((text) => text?.toLowerCase().includes(wanted));
}
