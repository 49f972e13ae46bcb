/** One case: where it is, what happened, what is known, who thought what, what is sent to the bank. */

import {useEffect, useMemo, useState} from "/static/vendor/preact.js";
import {amountOf, money, shortId, since, words} from "../format.js";
import {read} from "../http.js";
import {Picture} from "../picture.js";
import {sentence} from "../sentences.js";
import {At, Empty, Pairs, Pill, Problem, html, plain, useNow, useRead, useTurn} from "../parts.js";

const ABOUT = /^(case|task|fact|action|opinion|decision|question|review|duty|signal|write)\./;

export function CaseView({live, address}) {
  const id = useCaseId(address.id);
  const seen = useTurn(live, (event) => event.case_id === id.value, [id.value], 60);
  const found = useRead(async (signal) => id.value && read(`/v1/cases/${id.value}`, {signal}), [id.value, seen]);
  const story = useRead(async (signal) => id.value && read(`/v1/cases/${id.value}/explain`, {signal}), [id.value, seen]);
  const events = useHistory(id.value, seen);
  const error = id.error ?? found.error;
  if (error) return html`<div class="page"><${Problem} error=${error} /><p><a href="/ui/board">Back to the board</a></p></div>`;
  const shown = found.value;
  if (!shown) return html`<${Empty} title="Reading the case …" />`;
  const definition = live.workflows.find((workflow) => workflow.name === shown.workflow)?.definition;
  return html`
    <article class="page" data-testid="case">
      <${Head} found=${shown} answer=${story.value?.answer} definition=${definition} events=${events} />
      <div class="two">
        <div class="stack">
          <section class="panel"><h2>What happened</h2><${Timeline} events=${events} /></section>
          <${Actions} actions=${shown.actions} />
        </div>
        <div class="stack">
          <section class="panel"><h2>What was asked</h2><${Pairs} of=${shown.payload} /></section>
          <${Facts} facts=${shown.facts} />
          <${Opinions} found=${shown} />
          <${Open} found=${shown} />
          <${Evidence} found=${shown} story=${story.value} events=${events} />
        </div>
      </div>
    </article>`;
}

/** A case is found by its id, or by its number. */
function useCaseId(text) {
  const isNumber = /^[0-9]+$/.test(text);
  const found = useRead(async (signal) => (isNumber ? read(`/v1/cases?number=${text}`, {signal}) : null), [text]);
  if (!isNumber) return {value: text, error: null};
  const [first] = found.value?.cases ?? [];
  const missing = found.value && !first ? new Error(`There is no case with the number ${text}.`) : null;
  return {value: first?.id ?? null, error: found.error ?? missing};
}

/** Its part of the journal, from the beginning; what comes later is added. */
function useHistory(id, seen) {
  const [events, setEvents] = useState([]);
  useEffect(() => {
    let over = false;
    const go = async () => {
      let after = events.at(-1)?.case_id === id ? events.at(-1).id : "0";
      const more = after === "0" ? [] : [...events];
      for (;;) {
        const page = await read(`/v1/events?case=${id}&after=${after}&limit=1000`, {headers: {Accept: "application/json"}});
        more.push(...page.events);
        if (page.next === after || over) break;
        after = page.next;
      }
      if (!over) setEvents(more);
    };
    if (id) go().catch(() => {});
    return () => { over = true; };
  }, [id, seen]);
  return events;
}

function Head({found, answer, definition, events}) {
  const now = useNow();
  const passed = new Set(events.filter((event) => event.type === "case.moved").map((event) => event.data.from_stage));
  return html`
    <header class="casehead">
      <div class="row">
        <h1>${words(found.workflow)} ${found.number ? `№ ${found.number}` : html`<span class="mono">${shortId(found.id)}</span>`}</h1>
        <${Pill} word=${found.outcome ?? found.state} />
        <span class="amount">${amountOf(found.payload)}</span>
      </div>
      <p class="quiet"><bdi>${found.subject}</bdi> · asked by <bdi>${found.opened_by}</bdi> ${since(found.opened_at, now)} ago ${found.due_at && html`· due <${At} time=${found.due_at} day />`}</p>
      ${answer && html`<p>${answer}</p>`}
      ${definition && html`<${Picture} definition=${definition} here=${found.stage} passed=${passed} isOver=${Boolean(found.closed_at)} />`}
    </header>`;
}

function Timeline({events}) {
  const told = useMemo(() => events.filter((event) => ABOUT.test(event.type)).map((event) => ({event, ...sentence(event)})).filter((line) => line.text), [events]);
  if (told.length === 0) return html`<p class="quiet">Nothing has a position in the journal yet.</p>`;
  return html`
    <ol class="timeline" data-testid="timeline">
      ${told.map(({event, text, tone, more}) => html`
        <li key=${event.id} class=${tone}>
          <${At} time=${event.time} /><span class="dot"></span>
          <span class="what"><bdi>${event.actor}</bdi> ${text}${more && html`<br /><span class="quiet small">${more}</span>`}</span>
        </li>`)}
    </ol>`;
}

function Facts({facts}) {
  const known = Object.entries(facts);
  if (known.length === 0) return null;
  return html`
    <section class="panel"><h2>What is known</h2>
      <div class="scroll"><table>
        <thead><tr><th>Fact</th><th>Value</th><th>From</th></tr></thead>
        <tbody>${known.map(([key, fact]) => html`
          <tr key=${key}>
            <td>${words(key)}<br /><span class="quiet tiny">version ${fact.version}${fact.inputs.length > 0 ? `, made of ${fact.inputs.join(", ")}` : ""}</span></td>
            <td>${plain(fact.value)} ${fact.state !== "asserted" && html`<${Pill} word=${fact.state} as="warn" />`}</td>
            <td><bdi>${fact.by}</bdi><br /><span class="quiet tiny">${words(fact.source_class)}, trust ${fact.trust} of 3</span></td>
          </tr>`)}
        </tbody>
      </table></div>
    </section>`;
}

function Opinions({found}) {
  if (found.decisions.length === 0 && found.questions.length === 0) return null;
  return html`
    <section class="panel"><h2>How it was decided</h2>
      <ul class="stack">
        ${found.decisions.map((made) => html`
          <li key=${made.id}>
            <p><${Pill} word=${made.outcome} /> at ${words(made.stage)} by <bdi>${made.by}</bdi>${made.policy && html`, under <span class="mono">${made.policy}</span>`}</p>
            <p class="quiet small">${(made.reasons ?? []).map(words).join(", ")}</p>
            ${(made.dissent ?? []).map((voice) => html`<p class="small" key=${plain(voice)}>Dissent: <bdi>${voice.agent ?? voice.by ?? ""}</bdi> ${words(voice.verdict)}, ${(voice.reasons ?? []).map(words).join(", ")}</p>`)}
          </li>`)}
      </ul>
    </section>`;
}

function Actions({actions}) {
  return actions.map((action) => html`
    <section class="panel" key=${action.id}>
      <h2>${words(action.kind)} at the bank <${Pill} word=${action.state} /></h2>
      <p class="quiet small">Exactly these bytes are authorized and sent, once:</p>
      <pre class="bytes" data-testid="bytes">${JSON.stringify(action.payload, Object.keys(action.payload).sort(), 2)}</pre>
      <${Pairs} of=${{digest: action.digest, key: action.effect_key, attempts: action.attempts, "granted by": action.authorization?.granted_by, "spent by": action.authorization?.spent_by}} />
      ${action.receipt && html`<h3>The bank's answer</h3><${Pairs} of=${{...action.receipt, amount: money(action.receipt.amount, action.receipt.currency)}} />`}
    </section>`);
}

/** Who has it now, and what it waits for. */
function Open({found}) {
  const now = useNow();
  const open = found.tasks.filter((task) => !task.finished_at);
  if (open.length === 0) return null;
  return html`
    <section class="panel"><h2>Now</h2>
      ${open.map((task) => html`
        <div key=${task.id}>
          <p><${Pill} word=${task.state} /> ${words(task.stage)}, for <span class="mono">${task.capability}</span></p>
          ${task.holder && html`<p>held by <bdi>${task.holder.agent}</bdi> for ${since(task.holder.granted_at, now)}, until <${At} time=${task.holder.deadline_at} /></p>`}
          ${task.waits_for.map((reason) => html`<p class="small quiet" key=${reason.key}>waits: ${words(reason.reason)} ${reason.key}</p>`)}
          ${task.is_review && html`<p><a href=${`/ui/reviews/${task.id}`}>Open the review</a></p>`}
        </div>`)}
    </section>`;
}

function Evidence({found, story, events}) {
  const [address, setAddress] = useState(null);
  const make = () => setAddress(URL.createObjectURL(new Blob([JSON.stringify({case: found, story, events}, null, 1)], {type: "application/json"})));
  useEffect(() => () => address && URL.revokeObjectURL(address), [address]);
  return html`
    <section class="panel"><h2>Evidence</h2>
      <p class="quiet small">The case, its story and its part of the journal, as JSON.</p>
      <p>${address ? html`<a href=${address} download=${`case-${found.number ?? found.id}.json`}>Save the file</a>` : html`<button onClick=${make}>Put together</button>`}</p>
    </section>`;
}
