/** What waits for a person: a queue by due time, and one screen with everything that is decided upon. What the keys do stands in keys.js. */

import {useRef, useState} from "/static/vendor/preact.js";
import {amountOf, plain, shortId, since, span, visible, words} from "../format.js";
import {read, write} from "../http.js";
import {At, Bytes, Empty, Pairs, Pill, Problem, Said, Sheet, html, useKeys, useNow, useRead, useTurn} from "../parts.js";
import {go, withQuery} from "../router.js";

const WHOSE = {queue: "For me", mine: "With me", all: "All open"};

export function Reviews({live, address, me}) {
  // Whatever touches a task may change what waits for whom.
  const turn = useTurn(live, (event) => /^(task|case|review|hold|fact)\./.test(event.type), []);
  const whose = address.query.get("whose") ?? "queue";
  const queue = useRead((signal) => read(`/v1/reviews?limit=200&whose=${encodeURIComponent(whose)}`, {signal}), [turn, whose]);
  const reviews = queue.value?.reviews ?? [];
  const chosen = address.id || reviews[0]?.task_id;
  useKeys({
    j: () => step(reviews, chosen, 1),
    k: () => step(reviews, chosen, -1),
  });
  if (queue.error) return html`<div class="page"><${Problem} error=${queue.error} /></div>`;
  return html`
    <div class=${`desk${address.id ? " open" : ""}`}>
      <nav class="queue" aria-label="Reviews" data-testid="queue">
        <header><h2>Reviews</h2><select aria-label="Whose reviews" value=${whose} onChange=${(event) => go(withQuery({whose: event.target.value}), {replace: true})}>
          ${Object.entries(WHOSE).map(([word, said]) => html`<option key=${word} value=${word}>${said}</option>`)}</select></header>
        ${reviews.length === 0 && queue.value && html`<${Empty} title="Nothing waits for you">What machines may not decide comes here by itself.<//>`}
        ${reviews.map((review) => html`<${Line} me=${me} key=${review.task_id} review=${review} isChosen=${review.task_id === chosen} card=${live.cards.get(review.case_id)} />`)}
      </nav>
      <div class="screen">${chosen ? html`<${Screen} key=${chosen} id=${chosen} me=${me} turn=${turn} />` : html`<h1 class="seen-by-readers-only">Reviews</h1>`}</div>
    </div>`;
}

function step(reviews, chosen, by) {
  const next = reviews[reviews.findIndex((review) => review.task_id === chosen) + by];
  if (next) go(`/ui/reviews/${next.task_id}`);
}

function Line({review, isChosen, card, me}) {
  const now = useNow(10_000);
  return html`
    <a href=${`/ui/reviews/${review.task_id}`} aria-current=${isChosen}>
      <span class="row"><strong class="fit">${visible(review.subject ?? (card?.number ? `№ ${card.number}` : shortId(review.case_id)))}</strong><span class="amount">${card && amountOf(card.payload)}</span></span>
      <span class="quiet small">${words(review.workflow)}, ${words(review.stage)}</span>
      <span class="small">${review.due_at ? html`due <${At} time=${review.due_at} day />` : `waiting for ${since(review.opened_at, now)}`}
        ${review.is_overdue && html` <${Pill} word="overdue" />`} ${review.holder && html` <${Pill} word=${review.holder === me.agent ? "with you" : `with ${review.holder}`} as="busy" />`}${review.question && html` <${Pill} word="asked" as="warn" />`}${review.barred_by && html` <${Pill} word="not yours" />`}</span>
    </a>`;
}

function Screen({id, me, turn}) {
  const [again, setAgain] = useState(0);
  const found = useRead((signal) => read(`/v1/reviews/${id}`, {signal}), [id, again, turn]);
  if (found.error) return html`<h1 class="seen-by-readers-only">Review</h1><${Problem} error=${found.error} /><p><a href="/ui/reviews">Back to the queue</a></p>`;
  if (!found.value) return html`<${Empty} title="Reading the review …" />`;
  const {review, screen, shown} = found.value;
  return html`
    <header class="casehead">
      <div class="row"><h1>${words(screen.case.workflow)}: ${words(review.stage)}</h1><span class="amount">${amountOf(screen.payload)}</span></div>
      <p class="quiet"><a class="back" href="/ui/reviews">All reviews</a>${review.subject && html`<bdi class="cut">${visible(review.subject)}</bdi> · `}asked by <bdi>${visible(screen.case.opened_by)}</bdi> · <a href=${`/ui/cases/${review.case_id}`}>the whole case</a></p>
    </header>
    ${screen.actions.map((action) => html`
      <section class="panel" key=${action.id}><h2>What will be sent to the bank</h2>
        <${Bytes} payload=${action.payload} digest=${action.digest} />
      </section>`)}
    ${screen.actions.length === 0 && html`<p class="quiet small">Nothing is sent to the bank by this decision alone.</p>`}
    <div class="grid">
      <section class="panel"><h2>What was asked</h2><${Pairs} of=${screen.payload} /></section>
      ${Object.keys(screen.facts).length > 0 && html`<section class="panel"><h2>What is known</h2><${Pairs} of=${Object.fromEntries(Object.entries(screen.facts).map(([key, fact]) => [key, plain(fact?.value ?? fact)]))} /></section>`}
      ${screen.weighed.length > 0 && html`<section class="panel"><h2>What others said</h2>
        ${screen.weighed.map((said) => html`<div key=${said.id}><p><${Pill} word=${said.outcome} /> <bdi>${visible(said.by)}</bdi> at ${words(said.stage)}${said.policy && html`, under <span class="mono">${visible(said.policy)}</span>`}</p><p class="quiet small">${said.reasons.map(words).join(", ")}</p>
          ${said.dissent.map((voice) => html`<p class="small" key=${plain(voice)}><${Pill} word="dissent" as="warn" /> <${Said} text=${plain(voice)} /></p>`)}</div>`)}
      </section>`}
    </div>
    <${Verdict} review=${review} shown=${shown} me=${me} onDone=${() => setAgain(again + 1)} />`;
}

// What people say most; any other code can be typed.
const USUAL = ["customer_called", "documents_seen", "known_payee", "within_appetite", "not_the_customer", "suspected_fraud", "documents_missing", "outside_policy"];

/** Take it, then decide with a reason. What the board refuses is said in its words. */
function Verdict({review, shown, me, onDone}) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [way, setWay] = useState(null);
  const field = useRef(null);
  const now = useNow();
  const mine = review.holder === me.agent;
  const act = (verb, body) => async () => {
    setBusy(true);
    setError(null);
    try {
      await write(`/v1/reviews/${review.task_id}/${verb}`, body);
      setReason("");
      setWay(null);
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    onDone();
  };
  const decide = (outcome) => act("decision", {fence: review.fence, outcome, reasons: [code(reason)], shown});
  const verbs = {c: !busy && !review.ended_at && !review.holder && !review.barred_by && act("claim", {}), r: mine && (() => field.current?.focus())};
  if (mine && !busy && code(reason)) review.outcomes.forEach((outcome, n) => { verbs[String(n + 1)] = decide(outcome); });
  useKeys(verbs);
  if (review.ended_at) return html`<p class="notice" role="status">Decided: <${Pill} word=${review.outcome} />${review.warnings.length > 0 && html` · the board notes: ${review.warnings.map(words).join(", ")}`}</p>`;
  if (review.barred_by) return html`<p class="notice warn" data-testid="barred">You may not decide this: ${words(review.barred_by)}. Somebody else has to.</p>`;
  if (!me.may.includes("work on a task")) return html`<p class="notice">Your key reads; it decides nothing.</p>`;
  return html`
    <section class="panel verdict" aria-label="Decision">
      ${error && html`<${Problem} error=${error} />`}
      ${review.question && html`<p class="notice warn">Asked: <${Said} text=${review.question.question} /> It comes back with the answer.</p>`}
      ${review.holder && !mine && html`<p>It is with <bdi>${visible(review.holder)}</bdi>${review.deadline_at && html`, until <${At} time=${review.deadline_at} />`}.</p>`}
      ${!review.holder && !review.question && html`<div class="choices"><button class="primary" disabled=${busy} onClick=${act("claim", {})}>Take it <kbd>c</kbd></button><span class="quiet small">It is then with you alone, and the others see that.</span></div>`}
      ${mine && html`
        <label>Reason, in a few words: it comes before the decision <input ref=${field} name="reason" list="reasons" value=${reason} onInput=${(event) => setReason(event.target.value)} placeholder="customer_called" maxlength="60" autocomplete="off" /></label>
        <datalist id="reasons">${USUAL.map((each) => html`<option key=${each} value=${each} />`)}</datalist>
        <div class="choices">
          ${review.outcomes.map((outcome, n) => html`<button key=${outcome} class=${/^(reject|decline)/.test(outcome) ? "danger" : "primary"} disabled=${busy || !code(reason)} onClick=${decide(outcome)}>${words(outcome)} <kbd>${n + 1}</kbd></button>`)}
          ${Object.keys(WAYS).filter((each) => each !== "escalate" || review.escalate_to).map((each) => html`<button key=${each} aria-expanded=${way === each} disabled=${busy} onClick=${() => setWay(way === each ? null : each)}>${WAYS[each].title}</button>`)}
          <span class="rest quiet small">${code(reason) ? "" : "A reason first."} ${review.deadline_at && `Yours for ${span((Date.parse(review.deadline_at) - now) / 1000)}.`}</span>
        </div>
        ${way && html`<${OtherWay} key=${way} way=${WAYS[way]} busy=${busy} send=${(said) => act(way, {fence: review.fence, ...said})()} />`}`}
    </section>`;
}

/** What else one may do with a review than decide it, and what must be said with it. */
const WAYS = {
  ask: {title: "Ask", fields: [["fact", "Which fact is missing? A short name", "invoice", true], ["question", "What do you want to know?", "Which invoice is this for?", true], ["to", "Of whom? Leave empty for anybody", "", false]]},
  forward: {title: "Hand on", fields: [["to", "To whom: a person, or a capability", "senior-review", true], ["reason", "Why?", "", true]]},
  escalate: {title: "Escalate", fields: [["reason", "Why?", "", true]]},
  return: {title: "Give back", fields: [["reason", "Why?", "", false]]},
};

function OtherWay({way, busy, send}) {
  const submit = (event) => {
    event.preventDefault();
    const said = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value.trim()));
    if (said.fact) said.fact = code(said.fact);
    send(said);
  };
  return html`<form class="ask" onSubmit=${submit}>
    ${way.fields.map(([name, label, hint, isNeeded], n) => html`<label key=${name}>${label} <input name=${name} placeholder=${hint} required=${isNeeded} autofocus=${n === 0} maxlength="200" autocomplete="off" /></label>`)}
    <div><button class="primary" disabled=${busy}>${way.title}</button></div></form>`;
}

/** Reasons are codes: what a person types becomes one. */
const code = (text) => text.trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, 60);
