/** Cases as cards in columns of stages, moving while you look. */

import {useEffect, useMemo, useRef, useState} from "/static/vendor/preact.js";
import {amountOf, shortId, since, span, words} from "../format.js";
import {isFresh} from "../live.js";
import {Empty, Pill, html, useNow} from "../parts.js";
import {go, withQuery} from "../router.js";

const CARD_PX = 92;
const SPARE_CARDS = 4;
const ENDED = "ended";
const ORDERS = {age: "Oldest first", newest: "Newest first", amount: "Largest amount"};

export function Board({live, address}) {
  const now = useNow();
  const {query} = address;
  const search = query.get("search") ?? "";
  const counts = useMemo(() => countOpen(live.cards), [live.version]);
  const names = live.workflows.map((workflow) => workflow.name);
  const chosen = query.get("workflow") ?? busiest(counts, names);
  const columns = useMemo(() => columnsOf(live, chosen, search, query.get("order")), [live.version, chosen, search, query.get("order")]);
  if (!live.loaded && live.cards.size === 0) return html`<${Empty} title="Reading the board …" />`;
  if (names.length === 0) return html`<${Empty} title="No workflow is loaded">Load one with <code>blackboard provision</code>.<//>`;
  return html`
    <div class="board">
      <h1 class="seen-by-readers-only">Board</h1>
      <div class="boardbar">
        <nav class="tabs" aria-label="Workflows">
          ${names.map((name) => html`<a key=${name} href=${withQuery({workflow: name})} aria-current=${name === chosen}>${words(name)}<span class="count">${counts.get(name) ?? 0}</span></a>`)}
        </nav>
        <label class="rest"><span class="seen-by-readers-only">Order</span>
          <select value=${query.get("order") ?? "age"} onChange=${(event) => go(withQuery({order: event.target.value}), {replace: true})}>
            ${Object.entries(ORDERS).map(([name, title]) => html`<option key=${name} value=${name}>${title}</option>`)}
          </select>
        </label>
        ${search && html`<span class="pill">“<bdi>${search}</bdi>” <a href=${withQuery({search: ""})} aria-label="Show all again">×</a></span>`}
      </div>
      <div class="columns" data-testid="columns">
        ${columns.map((column) => html`<${Column} key=${column.name} column=${column} now=${now} />`)}
      </div>
    </div>`;
}

/** Only the cards in sight are in the page: thousands in a column cost what a screenful does. */
function Column({column, now}) {
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
  return html`
    <section class="column" aria-label=${words(column.name)}>
      <header><h2>${words(column.name)}</h2>${column.isReview && html`<${Pill} word="people" as="warn" />`}<span class="count" data-testid=${`count-${column.name}`}>${column.cards.length}</span></header>
      <div class="lane" ref=${lane} tabindex="0">
        <ol style=${{height: `${column.cards.length * CARD_PX}px`}}>
          ${column.cards.slice(first, last).map((card, n) => html`<li key=${card.id}><${CaseCard} card=${card} top=${(first + n) * CARD_PX} now=${now} /></li>`)}
        </ol>
      </div>
    </section>`;
}

function CaseCard({card, top, now}) {
  const hold = card.holds.values().next().value;
  const isLate = !card.closedAt && card.dueAt && Date.parse(card.dueAt) < now;
  return html`
    <a class=${`card${isLate ? " late" : ""}${isFresh(card, now) ? " fresh" : ""}`} href=${`/ui/cases/${card.id}`} style=${{transform: `translateY(${top}px)`}} data-testid="card">
      <span class="row"><span class="who">${card.subject ?? shortId(card.id)}</span><span class="amount">${amountOf(card.payload)}</span></span>
      <span class="row foot"><span>${card.number ? `№ ${card.number}` : shortId(card.id)}</span><span class="amount">${since(new Date(card.sinceMs).toISOString(), now)}</span></span>
      ${card.closedAt ? html`<span class="foot"><${Pill} word=${card.outcome} /></span>` : html`<${Holding} card=${card} hold=${hold} now=${now} />`}
    </a>`;
}

/** Who has it, and how long that claim still runs. Its heartbeats move the end on without an event, so the bar never goes below nothing. */
function Holding({card, hold, now}) {
  if (card.state === "suspended") return html`<span class="foot"><${Pill} word="suspended" /></span>`;
  if (!hold) return html`<span class="foot">waiting</span>`;
  const left = Math.max(0, (hold.untilMs - now) / (hold.untilMs - hold.atMs));
  return html`<span class="foot holder"><bdi>${hold.agent}</bdi>, for ${span((now - hold.atMs) / 1000)}</span><span class="lease" style=${{transform: `scaleX(${left})`}}></span>`;
}

function countOpen(cards) {
  const counts = new Map();
  for (const card of cards.values()) if (!card.closedAt) counts.set(card.workflow, (counts.get(card.workflow) ?? 0) + 1);
  return counts;
}

const busiest = (counts, names) => [...names].sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0))[0];

function columnsOf(live, workflow, search, order) {
  const definition = live.workflows.find((each) => each.name === workflow)?.definition ?? {stages: {}};
  const columns = new Map(inOrder(definition).map((name) => [name, {name, isReview: isForPeople(definition.stages[name]), cards: []}]));
  columns.set(ENDED, {name: ENDED, cards: []});
  for (const card of live.cards.values()) {
    if (card.workflow !== workflow || !matches(card, search)) continue;
    const name = card.closedAt ? ENDED : card.stage;
    if (!columns.has(name)) columns.set(name, {name, cards: []});
    columns.get(name).cards.push(card);
  }
  for (const column of columns.values()) column.cards.sort(column.name === ENDED ? byNewest : (BY[order] ?? byAge));
  return [...columns.values()];
}

const byAge = (one, other) => one.sinceMs - other.sinceMs || (one.id < other.id ? -1 : 1);
const byNewest = (one, other) => other.sinceMs - one.sinceMs || (one.id < other.id ? 1 : -1);
const size = (card) => (card.payload?.amount ?? card.payload?.notional ?? "").split(".")[0].padStart(18, "0");
const BY = {newest: byNewest, amount: (one, other) => (size(one) < size(other) ? 1 : -1)};

const isForPeople = (stage) => Boolean(stage?.review);

/** Stages in the order in which a case comes to them: as far from the start as the shortest way is. */
function inOrder(definition) {
  const seen = [definition.start].filter(Boolean);
  for (let n = 0; n < seen.length; n += 1) {
    for (const route of Object.values(definition.stages[seen[n]]?.outcomes ?? {})) {
      if (route.to && !seen.includes(route.to)) seen.push(route.to);
    }
  }
  return [...seen, ...Object.keys(definition.stages).filter((name) => !seen.includes(name))];
}

function matches(card, search) {
  if (!search) return true;
  const wanted = search.toLowerCase();
  return [card.subject, card.id, String(card.number ?? ""), ...Object.values(card.payload).filter((value) => typeof value === "string")]
    .some((text) => text?.toLowerCase().includes(wanted));
}
