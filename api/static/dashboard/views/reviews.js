/** What waits for a person: a queue by due time, and one screen with everything that is decided upon. Keys: j k, c, 1 to 9. */

import {useEffect, useState} from "/static/vendor/preact.js";
import {amountOf, shortId, since, words} from "../format.js";
import {read, write} from "../http.js";
import {At, Empty, Pairs, Pill, Problem, html, plain, useNow, useRead, useTurn} from "../parts.js";
import {go} from "../router.js";

export function Reviews({live, address, me}) {
  // Whatever touches a task may change what waits for whom.
  const turn = useTurn(live, (event) => /^(task|case|review|hold|fact)\./.test(event.type), []);
  const queue = useRead((signal) => read("/v1/reviews?limit=200", {signal}), [turn]);
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
        ${reviews.length === 0 && queue.value && html`<${Empty} title="Nothing waits for you">What machines may not decide comes here by itself.<//>`}
        ${reviews.map((review) => html`<${Line} key=${review.task_id} review=${review} isChosen=${review.task_id === chosen} card=${live.cards.get(review.case_id)} />`)}
      </nav>
      <div class="screen">${chosen ? html`<${Screen} key=${chosen} id=${chosen} me=${me} turn=${turn} />` : null}</div>
    </div>`;
}

function step(reviews, chosen, by) {
  const next = reviews[reviews.findIndex((review) => review.task_id === chosen) + by];
  if (next) go(`/ui/reviews/${next.task_id}`);
}

function Line({review, isChosen, card}) {
  const now = useNow(10_000);
  return html`
    <a href=${`/ui/reviews/${review.task_id}`} aria-current=${isChosen}>
      <span><strong>${review.subject ?? shortId(review.case_id)}</strong> ${card && amountOf(card.payload)}</span>
      <span class="quiet small">${words(review.workflow)}, ${words(review.stage)}</span>
      <span class="small">${review.due_at ? html`due <${At} time=${review.due_at} day />` : `waiting for ${since(review.opened_at, now)}`}
        ${review.is_overdue && html` <${Pill} word="overdue" />`} ${review.holder && html` <${Pill} word=${`with ${review.holder}`} as="busy" />`}</span>
    </a>`;
}

function Screen({id, me, turn}) {
  const [again, setAgain] = useState(0);
  const found = useRead((signal) => read(`/v1/reviews/${id}`, {signal}), [id, again, turn]);
  if (found.error) return html`<${Problem} error=${found.error} />`;
  if (!found.value) return html`<${Empty} title="Reading the review …" />`;
  const {review, screen, shown} = found.value;
  return html`
    <header class="casehead">
      <div class="row"><h1>${words(screen.case.workflow)}: ${words(review.stage)}</h1><span class="amount">${amountOf(screen.payload)}</span></div>
      <p class="quiet"><bdi>${review.subject}</bdi> · asked by <bdi>${screen.case.opened_by}</bdi> · <a href=${`/ui/cases/${review.case_id}`}>the whole case</a></p>
    </header>
    ${screen.actions.map((action) => html`
      <section class="panel" key=${action.id}><h2>What will be sent to the bank</h2>
        <pre class="bytes" data-testid="bytes">${JSON.stringify(action.payload, Object.keys(action.payload).sort(), 2)}</pre>
        <p class="quiet small">SHA-256 <span class="mono">${action.digest}</span></p>
      </section>`)}
    <div class="grid">
      <section class="panel"><h2>What was asked</h2><${Pairs} of=${screen.payload} /></section>
      ${Object.keys(screen.facts).length > 0 && html`<section class="panel"><h2>What is known</h2><${Pairs} of=${Object.fromEntries(Object.entries(screen.facts).map(([key, fact]) => [key, plain(fact?.value ?? fact)]))} /></section>`}
      ${screen.weighed.length > 0 && html`<section class="panel"><h2>What others said</h2>
        ${screen.weighed.map((said) => html`<div key=${said.id}><p><${Pill} word=${said.outcome} /> <bdi>${said.by}</bdi> at ${words(said.stage)}${said.policy && html`, under <span class="mono">${said.policy}</span>`}</p><p class="quiet small">${said.reasons.map(words).join(", ")}</p>
          ${said.dissent.map((voice) => html`<p class="small" key=${plain(voice)}>Dissent: ${plain(voice)}</p>`)}</div>`)}
      </section>`}
    </div>
    <${Verdict} review=${review} shown=${shown} me=${me} onDone=${() => setAgain(again + 1)} />`;
}

/** Take it, then decide with a reason. What the board refuses is said in its words. */
function Verdict({review, shown, me, onDone}) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const mine = review.holder === me.agent;
  const act = (verb, body) => async () => {
    setBusy(true);
    setError(null);
    try {
      await write(`/v1/reviews/${review.task_id}/${verb}`, body);
      setReason("");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    onDone();
  };
  const decide = (outcome) => act("decision", {fence: review.fence, outcome, reasons: [code(reason)], shown});
  const verbs = {c: !review.holder && !review.barred_by && act("claim", {})};
  if (mine && code(reason)) review.outcomes.forEach((outcome, n) => { verbs[String(n + 1)] = decide(outcome); });
  useKeys(verbs);
  if (review.ended_at) return html`<p class="notice">Decided: <${Pill} word=${review.outcome} /></p>`;
  if (review.barred_by) return html`<p class="notice warn" data-testid="barred">You may not decide this: ${words(review.barred_by)}. Somebody else has to.</p>`;
  return html`
    <section class="panel verdict" aria-label="Decision">
      ${error && html`<${Problem} error=${error} />`}
      ${review.holder && !mine && html`<p>It is with <bdi>${review.holder}</bdi>.</p>`}
      ${!review.holder && html`<div class="choices"><button class="primary" disabled=${busy} onClick=${act("claim", {})}>Take it <kbd>c</kbd></button></div>`}
      ${mine && html`
        <label>Reason <input name="reason" value=${reason} onInput=${(event) => setReason(event.target.value)} placeholder="customer_called" maxlength="60" /></label>
        <div class="choices">
          ${review.outcomes.map((outcome, n) => html`<button key=${outcome} class=${outcome === "reject" ? "danger" : "primary"} disabled=${busy || !code(reason)} onClick=${decide(outcome)}>${words(outcome)} <kbd>${n + 1}</kbd></button>`)}
          <button disabled=${busy} onClick=${act("return", {fence: review.fence, reason: reason || null})}>Give back</button>
          ${review.escalate_to && html`<button disabled=${busy || !reason} onClick=${act("escalate", {fence: review.fence, reason})}>Escalate</button>`}
        </div>`}
    </section>`;
}

/** Reasons are codes: what a person types becomes one. */
const code = (text) => text.trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, 60);

/** Single keys, unless one is typing. */
function useKeys(verbs) {
  useEffect(() => {
    const press = (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      const verb = verbs[event.key];
      if (verb) { event.preventDefault(); void verb(); }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
